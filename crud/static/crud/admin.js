// What Unfold leaves to the mouse and to the eye: a way past the menu, controls that keys reach, names for what has none.

const NAMES = { dock_to_right: 'Menu', filter_list: 'Filters', more_vert: 'More about this choice', more_horiz: 'More' };
const REACHED = 'a[href],button,input,select,textarea,summary,[tabindex]';

function skipLink() {
  const main = document.getElementById('content') ?? document.querySelector('main');
  if (!main) return;
  main.tabIndex = -1;
  main.id ||= 'content';
  const link = document.createElement('a');
  Object.assign(link, { href: `#${main.id}`, className: 'skip-link', textContent: 'Skip to the content' });
  link.addEventListener('click', (event) => { event.preventDefault(); main.focus(); main.scrollIntoView(); });
  document.body.prepend(link);
}

// Elements that only listen for clicks: the menu's switch, the filters, the "⋮" beside a choice, the user's menu.
function reachByKeys(root) {
  for (const one of root.querySelectorAll('[x-on\\:click]')) {
    if (one.matches(REACHED) || one.querySelector(':scope > a[href], :scope > button')) continue;
    if (!one.innerText.trim()) continue; // the ground beside the filters: Escape does the same
    one.tabIndex = 0;
    one.setAttribute('role', 'button');
    const icon = one.classList.contains('material-symbols-outlined') ? one : one.querySelector('.material-symbols-outlined');
    const name = NAMES[icon?.textContent.trim()];
    if (name && !one.title) one.setAttribute('aria-label', name);
    one.addEventListener('keydown', (event) => {
      if (event.target !== one || (event.key !== 'Enter' && event.key !== ' ')) return;
      event.preventDefault();
      one.click();
    });
  }
}

// Select2 names its box by the value that is chosen, which may be none, and its search by nothing.
function nameChoices(root) {
  for (const box of root.querySelectorAll('.select2-selection[role=combobox]')) {
    const select = box.closest('.select2')?.previousElementSibling;
    const name = nameOf(select);
    const value = box.querySelector('.select2-selection__rendered');
    const results = `select2-${select?.id}-results`;
    for (const name of ['role', 'aria-readonly']) value?.removeAttribute(name);
    box.removeAttribute('aria-labelledby');
    box.setAttribute('aria-label', [name, value?.title].filter(Boolean).join(': '));
    if (document.getElementById(results)) box.setAttribute('aria-controls', results);
    else if (box.getAttribute('aria-expanded') !== 'true') box.setAttribute('aria-controls', box.id ||= `box-${select?.id}`);
  }
  for (const search of root.querySelectorAll('.select2-search__field')) search.setAttribute('aria-label', 'Search');
}

function nameOf(select) {
  const label = select && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  const column = select?.closest('td')?.className.match(/field-(\S+)/)?.[1];
  return (label?.innerText ?? column ?? select?.name ?? '').replaceAll('*', '').replaceAll('_', ' ').trim();
}

document.addEventListener('DOMContentLoaded', () => {
  const look = () => { reachByKeys(document); nameChoices(document); scrollByKeys(); };
  skipLink();
  look();
  let waiting = 0;
  new MutationObserver(() => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(look);
  }).observe(document.body, { childList: true, subtree: true });
});

// A table wider than its box is scrolled by the arrow keys once it has the focus.
function scrollByKeys() {
  for (const box of document.querySelectorAll('.overflow-x-auto')) {
    if (box.scrollWidth > box.clientWidth && !box.querySelector(REACHED) && !box.hasAttribute('tabindex')) box.tabIndex = 0;
  }
}
