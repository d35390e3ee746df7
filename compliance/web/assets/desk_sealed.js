"use strict";
// What a tablet keeps until the network is back. Read by the pages of the desk and by their service worker.
//
// Each registration is one row: AES-GCM under a key of its own that no script can export. Its guard's opaque id and
// the moment it dies stand beside it in clear, bound to it as associated data; everything that somebody said is inside.
// A row dies within 24 hours, sent or not. A row that claims longer is the work of a clock that was put back: nobody can
// say any more how old it is, so it dies too.
self.DeskSealed = (() => {
  const LIFE = 24 * 3600 * 1000;
  const GRAIN = 600 * 1000; // dying moments are cut down to ten minutes: they are not to say when somebody came
  const ROWS = "waiting", NOTES = "notes";

  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  let opening = null;
  const database = () => {
    opening = opening || new Promise((resolve, reject) => {
      const request = indexedDB.open("desk", 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(ROWS, { keyPath: "id" });
        request.result.createObjectStore(NOTES, { keyPath: "name" });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return opening;
  };
  // Strict: what the page calls kept has to be there after the power went.
  const store = async (name, mode) =>
    (await database()).transaction(name, mode, { durability: "strict" }).objectStore(name);
  const put = async (name, row) => {
    const target = await store(name, "readwrite");
    const done = new Promise((resolve, reject) => {
      target.transaction.oncomplete = resolve;
      target.transaction.onabort = () => reject(target.transaction.error);
    });
    target.put(row);
    return done; // a registration counts as kept once it is on the disk, not once it was asked to go there
  };

  const note = async (name) => (await settled((await store(NOTES, "readonly")).get(name)))?.value;
  const setNote = (name, value) => put(NOTES, { name, value });

  const bound = (row) => new TextEncoder().encode(JSON.stringify([row.id, row.by, row.dies]));
  const sealInto = async (row, content) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(content));
    const how = { name: "AES-GCM", iv, additionalData: bound(row) };
    await put(ROWS, { ...row, iv, sealed: await crypto.subtle.encrypt(how, row.key, text) });
    return row.id;
  };

  const seal = async (content, by) => {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const dies = Math.floor((Date.now() + LIFE) / GRAIN) * GRAIN;
    return sealInto({ id: crypto.randomUUID(), by, dies, key, reasons: null, done: false }, content);
  };

  const find = async (id) => settled((await store(ROWS, "readonly")).get(id));
  const open = async (id) => {
    const row = await find(id);
    if (!row) return null;
    const how = { name: "AES-GCM", iv: row.iv, additionalData: bound(row) };
    try {
      return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, row.key, row.sealed)));
    } catch {
      await remove(id);
      await setNote("lapsed", ((await note("lapsed")) || 0) + 1);
      return null;
    }
  };
  // Said anew after a correction: the same row and the same end, for its 24 hours began when it was first sealed.
  const sealAgain = async (id, content, reasons = null) => {
    const row = await find(id);
    return row ? sealInto({ ...row, reasons }, content) : null;
  };
  const refuse = async (id, reasons) => {
    const row = await find(id);
    if (row) await put(ROWS, { ...row, reasons });
  };
  // Sent: what somebody said is gone from here, and the pass code that came back waits to be handed over.
  const finish = async (id, receipt) => {
    const row = await find(id);
    if (row) await sealInto({ ...row, reasons: null, done: true }, receipt);
  };
  const remove = async (id) => settled((await store(ROWS, "readwrite")).delete(id));

  const lives = (row, now) => now < row.dies && row.dies - now <= LIFE;
  // Erase what is over; count it, so that the page can say so.
  const sweep = async () => {
    const now = Date.now();
    const rows = await settled((await store(ROWS, "readonly")).getAll());
    const over = rows.filter((row) => !lives(row, now));
    for (const row of over) await remove(row.id);
    const lost = over.filter((row) => !row.done).length;
    if (lost) await setNote("lapsed", ((await note("lapsed")) || 0) + lost);
    return rows.filter((row) => lives(row, now)).map(({ id, by, dies, reasons, done }) => ({ id, by, dies, reasons, done }));
  };

  return { seal, open, sealAgain, refuse, finish, remove, sweep, note, setNote };
})();
