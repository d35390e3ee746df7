"use strict";
// A slip's QR code carries its pass code behind the "#", which browsers never send: it goes into the form and is gone
// from the address before anything is asked of the server.
(() => {
  const found = /^#(?:pass|code)=([0-9A-Za-z-]{1,32})$/.exec(location.hash);
  const box = document.getElementById("code");
  if (found && document.getElementById("ask") && box) {
    box.value = found[1];
    for (const onwards of document.querySelectorAll("a[data-pass]")) onwards.hash = "pass=" + found[1];
    history.replaceState(null, "", location.pathname + location.search);
  } else if (found && location.pathname === "/me") {
    location.replace("/me/ask" + location.hash);
  }
  for (const button of document.querySelectorAll("button.print")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
