"use strict";
// Whether there is a network, who is on shift, and sending what waits. Nothing here touches the form: it says when
// something has changed, and `desk_waiting.js` shows it.
self.DeskLine = (() => {
  const sealed = self.DeskSealed;
  const WAIT = 6000;
  const it = {
    shift: null, // {staff, ticket, csrf, until, offset}
    line: "asking", // online | offline | out (nobody is logged in)
    mending: null, // the refused registration that stands in the form: {id, at, ticket, category}
    changed: async () => {},
  };
  class Lost extends Error {}
  const now = () => Date.now() + (it.shift ? it.shift.offset : 0);
  const onShift = () => it.shift !== null && now() < it.shift.until;

  // -- asking the server ------------------------------------------------------------------------------------------

  const reach = async (path, options = {}) => {
    if (navigator.onLine === false) throw new Lost();
    let answer;
    try {
      answer = await fetch(path, { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(WAIT), ...options });
    } catch {
      throw new Lost();
    }
    if (answer.status === 502 || answer.status === 504) throw new Lost();
    if (it.line === "offline") it.line = "online";
    return answer;
  };
  const post = async (path, pairs, accept) => {
    const once = () => reach(path, {
      method: "POST",
      headers: { accept },
      body: new URLSearchParams([["csrftoken", it.shift.csrf], ...pairs]),
    });
    if (!it.shift || !it.shift.csrf) await askShift();
    const answer = it.shift && it.shift.csrf ? await once() : null;
    if (answer && answer.status === 403 && (await askShift())) return once(); // the page was open for longer than its token
    return answer;
  };

  // Who is on shift, as the server says it. False: nobody is logged in here.
  const askShift = async () => {
    const answer = await reach("/desk/shift");
    if (answer.type === "opaqueredirect" || !answer.ok) {
      it.line = "out";
      return false;
    }
    const said = await answer.json();
    if (await sealed.note("leaving")) return leave(said);
    it.shift = { staff: said.staff, ticket: said.ticket, until: said.until, offset: said.now - Date.now() };
    await sealed.setNote("shift", it.shift);
    it.shift.csrf = said.csrf; // never written down
    it.line = "online";
    keepShells(said).then((kept) => { document.documentElement.dataset.kept = kept; }, () => {});
    return true;
  };
  // Somebody logged out while there was no network: that is finished before anything else.
  const leave = async (said) => {
    await reach("/logout", { method: "POST", body: new URLSearchParams([["csrftoken", said.csrf]]) });
    await sealed.setNote("leaving", false);
    it.shift = null;
    it.line = "out";
    location.assign("/login");
    return false;
  };
  const keepShells = async ({ version, keep }) => {
    const name = `desk-${version}`;
    if (await caches.has(name)) return true;
    const answers = await Promise.all(keep.map(async (path) => [path, await fetch(path, { cache: "no-store" })]));
    if (answers.some(([, answer]) => !answer.ok || answer.redirected)) return false;
    const cache = await caches.open(name);
    await Promise.all(answers.map(([path, answer]) => cache.put(path, answer)));
    for (const old of await caches.keys()) if (old !== name && old.startsWith("desk-")) await caches.delete(old);
    return true;
  };

  // -- sending what waits -----------------------------------------------------------------------------------------

  const sentence = async (answer) => {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("[role=alert] h1")?.textContent || "没有被接受，请联系管理员。";
  };
  const reasonsOf = async (answer) => {
    if ((answer.headers.get("content-type") || "").includes("json")) return (await answer.json()).reasons;
    return [{ field: null, zh: await sentence(answer) }];
  };
  const late = ({ pairs, at, ticket }) => [...pairs, ["_at", at], ["_shift", ticket]];

  // One registration. True: the next may follow. Its content goes only when the server has said that it is kept there.
  const send = async (id) => {
    const content = await sealed.open(id);
    if (!content) return true;
    const answer = await post(`/desk/new/${content.category}`, late(content), "application/json");
    if (!answer || answer.type === "opaqueredirect") {
      it.line = "out";
      return false;
    }
    if (answer.status === 429 || answer.status >= 500) return false;
    if (answer.ok || answer.status === 410) {
      const receipt = answer.ok ? await answer.json() : { pass_code: "" };
      await sealed.finish(id, { label: content.label, at: content.at, code: receipt.pass_code });
      return true;
    }
    await sealed.refuse(id, await reasonsOf(answer));
    return true;
  };
  const sendAll = async () => {
    for (const { id, reasons, done } of await sealed.sweep()) {
      if (!reasons && !done && !(it.mending && it.mending.id === id) && !(await send(id))) return;
      await it.changed();
    }
  };
  const alone = (work) => navigator.locks
    ? navigator.locks.request("desk-sending", { ifAvailable: true }, (lock) => lock && work())
    : work();
  const unlessLost = async (work) => {
    try {
      return await work();
    } catch (lost) {
      if (!(lost instanceof Lost)) throw lost;
      it.line = "offline";
      return null;
    }
  };
  const goOn = async () => {
    await unlessLost(async () => (await askShift()) && alone(sendAll));
    await it.changed();
  };

  return Object.assign(it, { now, onShift, post, askShift, send, sendAll, alone, goOn, unlessLost, sentence });
})();
