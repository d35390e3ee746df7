"use strict";
// Comfort only: everything on these pages works without this file.
self.DeskPage = (() => {
  const settle = () => {
    for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
    const tab = document.querySelector(".tabs [aria-current]");
    if (tab) tab.scrollIntoView({ block: "nearest", inline: "center" });
    const wrong = document.querySelector(".field.wrong");
    const refused = document.getElementById("refused");
    const first = wrong && wrong.querySelector("input:not([type=hidden])");
    if (first) {
      first.focus({ preventScroll: true });
      wrong.scrollIntoView({ block: "center" });
    } else if (refused) refused.focus();
  };
  return { settle };
})();
document.addEventListener("DOMContentLoaded", () => self.DeskPage.settle());
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
// A second tap on a slow connection must not send a second form.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.register")) return;
  window.setTimeout(() => {
    if (event.defaultPrevented) return; // a script sends it, and keeps count itself
    for (const button of event.target.querySelectorAll("button")) button.disabled = true;
  }, 0);
});
// A page that comes back from the browser's memory would show the last visitor: load a fresh one.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
