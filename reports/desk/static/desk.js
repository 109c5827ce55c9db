// Small comforts of the desk; every page works without them. No requests of its own: pages come from links and forms.
"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  // Filters apply as they are chosen; the button stays for keyboards that walk through the choices.
  $$("form[data-auto] select").forEach((choice) => {
    let walked = false;
    choice.addEventListener("keydown", () => { walked = true; });
    choice.addEventListener("pointerdown", () => { walked = false; });
    choice.addEventListener("change", () => { if (!walked) choice.form.requestSubmit(); });
  });

  // Empty fields of a filter stay out of the address.
  $$("form[data-auto]").forEach((form) => form.addEventListener("submit", () => {
    $$("select, input", form).forEach((field) => { field.disabled = field.value === ""; });
  }));
  addEventListener("pageshow", () => $$("form[data-auto] :disabled").forEach((field) => { field.disabled = false; }));

  // A form is sent once.
  $$("form[method=post]").forEach((form) => form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    $$("button", form).forEach((button) => button.setAttribute("aria-disabled", "true"));
  }));
  addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    $$("button", form).forEach((button) => button.removeAttribute("aria-disabled"));
  }));

  // An outcome is only asked for when an alert is closed, the number of visitors only for a visit.
  $$("[data-shown-by]").forEach((part) => {
    const [name, value] = part.dataset.shownBy.split("=");
    const form = part.closest("form");
    const show = () => { part.hidden = new FormData(form).get(name) !== value; };
    form.addEventListener("change", show);
    show();
  });

  // Open what an address points into.
  const open = () => { const part = location.hash && document.getElementById(location.hash.slice(1)); if (part && part.tagName === "DETAILS") part.open = true; };
  addEventListener("hashchange", open);
  open();

  // In a list, J and K go to the next and the row before, from the one in focus.
  const rows = $$("tr.go a.main");
  rows.forEach((link, at) => link.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = { j: rows[at + 1], k: rows[at - 1] }[event.key];
    if (next) next.focus();
  }));
})();
