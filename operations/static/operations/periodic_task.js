// Says below a schedule of five fields what it means.

document.addEventListener('DOMContentLoaded', () => {
  const meanings = JSON.parse(document.getElementById('readable-crontabs').textContent);
  const choice = document.getElementById('id_crontab');
  const field = document.querySelector('.field-crontab');
  if (!choice || !field) return;
  document.querySelector('.field-crontab_translation')?.setAttribute('hidden', '');
  const said = document.createElement('p');
  said.className = 'mt-2 text-xs';
  said.setAttribute('role', 'status');
  field.append(said);
  const say = () => { said.textContent = meanings[choice.value] ?? ''; };
  django.jQuery(choice).on('change', say); // select2 tells jQuery only
  say();
});
