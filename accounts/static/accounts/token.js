// Takes the token of a mail's link out of the address, where it stands behind the #, and puts it into the form.
"use strict";
const input = document.querySelector("input[name=token]");
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (input && token) {
  input.value = token;
  history.replaceState(null, "", location.pathname);
}
if (input && input.value) {
  input.type = "hidden";
  document.querySelector(`label[for=${input.id}]`)?.remove();
}
