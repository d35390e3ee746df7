"use strict";
// Comfort only: everything on these pages works without this file.
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  const tab = document.querySelector(".tabs [aria-current]");
  if (tab) tab.scrollIntoView({ block: "nearest", inline: "center" });
  const refused = document.getElementById("refused");
  if (refused) refused.focus();
  // A second tap on a slow connection must not send a second form.
  for (const form of document.querySelectorAll("form.register")) {
    form.addEventListener("submit", () => {
      window.setTimeout(() => {
        for (const button of form.querySelectorAll("button")) button.disabled = true;
      }, 0);
    });
  }
});
// A page that comes back from the browser's memory would show the last visitor: load a fresh one.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
