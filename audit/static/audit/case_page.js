/* While somebody works at a case: tells colleagues, renews the lease, and says when the case has changed.
   Without this script everything on the page works; only the names of colleagues then wait for the next loading. */
"use strict";

(() => {
  const EVERY = 30_000; // milliseconds
  const QUIET = 10 * 60_000; // nobody touched the page for so long: nobody is there, so it stops telling
  const form = document.getElementById("presence");
  let touched = Date.now();

  for (const button of document.querySelectorAll("button.wording")) {
    const field = document.getElementById(button.dataset.into);
    if (!field) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const words = button.parentElement.querySelector("span").textContent;
      field.value = field.value ? `${field.value.trimEnd()}\n${words}` : words;
      field.focus();
    });
  }

  if (!form) return;
  for (const kind of ["pointerdown", "keydown", "scroll"]) {
    addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
  }

  const show = ({ looking, version }) => {
    const others = document.getElementById("looking");
    document.getElementById("looking-names").textContent = looking.join(", ");
    others.hidden = looking.length === 0;
    if (String(version) !== form.dataset.version) document.getElementById("changed").hidden = false;
  };

  const tell = async () => {
    if (document.hidden || Date.now() - touched > QUIET) return;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "error" });
      if (answer.ok) show(await answer.json());
    } catch {
      // Offline, or signed out: the next step on the page says so.
    }
  };

  setInterval(tell, EVERY);
})();
