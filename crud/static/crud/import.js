// The preview is fetched, so that the chosen file stays in the form; without this script it has to be chosen again.
document.addEventListener('DOMContentLoaded', () => {
  const form = document.getElementById('import_form');
  const button = document.getElementById('import-now');
  const forget = () => { button.disabled = true; };
  form.addEventListener('change', forget);
  form.addEventListener('submit', async (event) => {
    if (event.submitter?.name !== '_preview' || !form.reportValidity()) return;
    event.preventDefault();
    const data = new FormData(form);
    data.append('_preview', '1');
    const answer = await fetch(form.action, { method: 'POST', body: data });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById('preview');
    if (!answer.ok || !fresh) { window.alert('The preview failed. Try again.'); return; }
    document.getElementById('preview').replaceWith(fresh);
    document.getElementById('id_previewed').value = fresh.dataset.digest;
    button.disabled = fresh.dataset.ready !== 'yes';
    for (const alert of page.querySelectorAll('#import_form [role=alert]')) fresh.prepend(alert);
  });
});
