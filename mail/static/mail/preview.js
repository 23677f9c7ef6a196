// The preview beside a mail's words: what stands in the form now, shown by the server.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const frame = document.getElementById("mail-preview");
  const form = frame && document.getElementById("mailtemplate_form");
  if (!form) return;
  let waiting;
  const show = async () => {
    const data = new FormData(form);
    data.set("preview_of", frame.dataset.row || "");
    const answer = await fetch(frame.dataset.address, { method: "POST", body: data, credentials: "same-origin" });
    frame.srcdoc = await answer.text();
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 300);
  });
  const kind = form.querySelector("select[name=kind]"); // of a new one only
  kind?.addEventListener("change", () => {
    const asked = new URLSearchParams(location.search);
    asked.set("kind", kind.value);
    location.search = asked; // begins with the words of that mail
  });
  show();
});
