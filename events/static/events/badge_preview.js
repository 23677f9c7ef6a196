// Draws the badge anew a moment after an edit of its size or layout.
document.addEventListener('DOMContentLoaded', () => {
  const image = document.getElementById('badge-preview');
  if (!image) return;
  const problem = document.getElementById('badge-preview-problem');
  const inputs = ['width_mm', 'height_mm', 'layout_json'].map((name) => document.getElementById(`id_${name}`)).filter(Boolean);
  let asked = 0;
  const draw = async () => {
    const number = (asked += 1);
    const data = new FormData();
    data.append('csrfmiddlewaretoken', document.querySelector('[name=csrfmiddlewaretoken]').value);
    for (const input of inputs) data.append(input.name, input.value);
    const answer = await fetch(image.dataset.address, { method: 'POST', body: data });
    const said = answer.ok ? await answer.json() : { problem: 'The preview failed.' };
    if (number !== asked) return; // a later edit has been sent
    problem.textContent = said.problem ?? (said.warnings ?? []).join('; ');
    if (said.image) image.src = said.image;
  };
  let timer;
  for (const input of inputs) {
    input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(draw, 300); });
  }
  draw();
});
