// Unfold's templates speak to Alpine in JavaScript. Its build without eval reads expressions only, and knows no globals:
// the few names that they use are given to it here, and the few lines that are statements are said as expressions.

const PAGE = {
  getCurrentTab: () => getCurrentTab(),
  sortRecords: (event) => sortRecords(event),
  moveRecords: (event) => moveRecords(event),
  localStorage: { getItem: (name) => localStorage.getItem(name), setItem: (name, value) => localStorage.setItem(name, value) },
  window: {
    location: {
      get pathname() { return location.pathname; },
      get search() { return location.search; },
      get hash() { return location.hash; },
      set href(address) { if (new URL(address, location.href).origin === location.origin) location.href = address; },
    },
  },
  emptyOrLeave: (field) => { if (field.value === '') field.blur(); else field.value = ''; },
};
const SAID_OTHERWISE = [
  [/\$watch\('sidebarDesktopOpen', value => .*$/s, ''], // the click that changes it keeps it, too
  [/if \(\$refs\.searchInput\.value === ''\) .*$/s, 'emptyOrLeave($refs.searchInput)'],
  [/^if \((.*?)\) ([^;]*)$/s, '($1) && $2'],
];

function asExpression(text) {
  for (const [form, other] of SAID_OTHERWISE) text = text.replace(form, other);
  const parts = text.split(';').map((part) => part.trim()).filter(Boolean);
  return parts.length > 1 ? `[${parts.join(', ')}]` : parts[0] ?? text;
}

function sayOtherwise(root) {
  for (const one of root.querySelectorAll('*')) {
    for (const { name, value } of [...one.attributes]) {
      if (/^x-(on|init)/.test(name) && /;|^if |=>/.test(value)) one.setAttribute(name, asExpression(value));
    }
  }
}

document.addEventListener('alpine:init', () => {
  Alpine.data('theme', (...given) => Object.assign(theme(...given), PAGE));
  Alpine.data('searchForm', (...given) => searchForm(...given));
  Alpine.data('searchDropdown', (...given) => searchDropdown(...given));
  Alpine.data('searchCommand', (...given) => searchCommand(...given));
  sayOtherwise(document);
});
