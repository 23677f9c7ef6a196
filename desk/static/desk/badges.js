// How many are ticked, the preview, and a fresh look at the counts once the PDF beside this page was printed.
document.addEventListener('DOMContentLoaded', () => {
  const form = document.getElementById('print');
  if (!form) return;
  const boxes = [...form.querySelectorAll('[name=badge]')];
  const all = document.getElementById('tick-all');
  const count = () => { document.getElementById('ticked').textContent = boxes.filter((box) => box.checked).length; };
  all.addEventListener('change', () => { for (const box of boxes) box.checked = all.checked; count(); });
  form.addEventListener('change', count);
  count();

  // What is chosen for printing stays chosen through a search.
  for (const field of document.querySelectorAll('[data-mirrors]')) {
    const choice = form.elements[field.dataset.mirrors];
    const keep = () => { field.value = choice.value; };
    choice.addEventListener('change', keep);
    keep();
  }

  form.addEventListener('submit', () => {
    window.addEventListener('focus', () => location.reload(), { once: true });
  });

  const dialog = document.getElementById('preview');
  const image = document.getElementById('preview-image');
  const problem = document.getElementById('preview-problem');
  for (const button of form.querySelectorAll('.preview')) {
    button.addEventListener('click', async () => {
      problem.textContent = '';
      image.removeAttribute('src');
      image.alt = button.textContent;
      dialog.showModal();
      const answer = await fetch(`${button.dataset.address}?template=${encodeURIComponent(form.elements.template.value)}`);
      if (!answer.ok) { problem.textContent = (await answer.json()).problem; return; }
      image.src = URL.createObjectURL(await answer.blob());
      const told = answer.headers.get('X-Aether-Warnings');
      if (told) problem.textContent = told;
    });
  }
});
