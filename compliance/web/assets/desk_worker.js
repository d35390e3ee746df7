"use strict";
// The service worker of the desk: without network it answers with the empty form that was kept for that. It keeps nothing
// itself, reads no form that is sent, and touches no page outside the desk.
importScripts("/assets/desk_sealed.js");
const WAIT = 6000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), self.DeskSealed.sweep()]));
});

const kept = (path) => caches.match(path, { ignoreVary: true });
const inTime = (request) => Promise.race([
  fetch(request),
  new Promise((_, reject) => setTimeout(() => reject(new Error("no answer")), WAIT)),
]);

async function shell(path) {
  const form = /^\/desk\/new\/([^/]+)$/.exec(path);
  const found = form && (await kept(`/desk/shell/${form[1]}`));
  if (found) return found;
  if (path === "/desk" || path === "/desk/") {
    for (const name of await caches.keys()) {
      const asked = await (await caches.open(name)).keys();
      const first = asked.map((one) => /\/desk\/shell\/([^/]+)$/.exec(one.url)).find(Boolean);
      if (first) return Response.redirect(`/desk/new/${first[1]}`, 303);
    }
  }
  return (await kept("/desk/away")) || Response.error();
}

async function page(request, path) {
  await self.DeskSealed.sweep().catch(() => {}); // whoever opens a page finds nothing that is over
  try {
    const answer = await inTime(request);
    return answer.status === 502 || answer.status === 504 ? await shell(path) : answer;
  } catch {
    return shell(path);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, address.pathname));
  else if (/^\/(static|assets)\//.test(address.pathname)) {
    event.respondWith(fetch(request).catch(async () => (await kept(address.pathname)) || Response.error()));
  }
});
