"use strict";
// The desk without network: a form that cannot be sent is sealed on the tablet, counted on the page, and sent when the
// network is back. Every form carries its own number, so sending twice stores once. Without this file, without https or
// in an old browser the page is the plain form that it was.
(() => {
  const sealed = self.DeskSealed, it = self.DeskLine;
  if (!self.isSecureContext || !crypto.subtle || !self.indexedDB || !it || !self.DeskRules) return;
  const AGAIN = 10000;
  const { onShift, post, unlessLost, goOn } = it;
  let busy = false, drawing = 0, drawn = {};
  let plain = false; // this browser keeps nothing for us (a private window): the forms are what they were without scripts

  const clock = (moment) => new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false }).format(moment);

  // -- what the guard sees ----------------------------------------------------------------------------------------

  const make = (tag, text, look = "") => {
    const made = document.createElement(tag);
    made.textContent = text;
    made.className = look;
    return made;
  };
  const button = (text, act) => {
    const made = make("button", text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };
  const row = (text, ...buttons) => {
    const made = make("div", "", "line-row");
    made.append(make("p", text), ...buttons);
    return made;
  };
  const waitingSaid = (rows) => {
    const first = Math.min(...rows.map((one) => one.dies));
    const day = new Date(first).getDate() === new Date().getDate() ? "今天" : "明天";
    return `${rows.length} 条等待登记，已加密存在这台设备上；到${day} ${clock(first)} 还没送达的，自动删除。`;
  };
  const refusedRow = (one) => {
    if (one.by !== it.shift?.staff) return row(`${one.by} 有 1 条没有登记成功，请他登录后更正；到期自动删除。`);
    const drop = button("删除", async () => {
      await sealed.remove(one.id);
      if (it.mending && it.mending.id === one.id) location.assign(`/desk/new/${it.mending.category}`);
      await show();
    });
    drop.className = "other";
    const mend = button("更正", () => { location.hash = `waiting=${one.id}`; });
    return row(`有 1 条没有登记成功：${one.reasons[0].zh}`, mend, drop);
  };

  const show = async () => {
    const mine = ++drawing;
    const rows = await sealed.sweep();
    const lapsed = (await sealed.note("lapsed")) || 0;
    const waiting = rows.filter((one) => !one.reasons && !one.done);
    const refused = rows.filter((one) => one.reasons);
    const parts = [];
    if (it.line === "out" || (it.line === "offline" && !onShift())) {
      const link = make("a", "重新登录");
      link.href = "/login";
      link.setAttribute("role", "button");
      const what = it.line === "out" ? "登录已过期，现在不能登记；请重新登录。" : "没有网络，也没有人在班：不能登记。先放行，用空白登记单。";
      parts.push(row(what, ...(it.line === "out" ? [link] : [])));
    } else if (it.line === "offline") parts.push(row("没有网络，照常登记：联网后自动补登。"));
    if (waiting.length) parts.push(row(waitingSaid(waiting)));
    parts.push(...refused.map(refusedRow));
    const sent = (await Promise.all(rows.filter((one) => one.done).map(({ id }) => receiptOf(id)))).filter(Boolean);
    if (sent.length) parts.push(sentRow(sent));
    if (lapsed) parts.push(row(`${lapsed} 条超过 24 小时没有送达，已删除。`, button("知道了", async () => {
      await sealed.setNote("lapsed", 0);
      await show();
    })));
    const box = document.getElementById("line");
    if (!box || mine !== drawing) return; // another page, or a later look at the same rows
    // What has not changed is not drawn anew: a screen reader would read it out every ten seconds.
    const said = JSON.stringify([it.line, onShift(), rows, sent, lapsed]);
    if (drawn.box === box && drawn.said === said) return;
    drawn = { box, said };
    box.replaceChildren(...parts);
    box.hidden = parts.length === 0;
    box.className = `line ${it.line}`;
    box.dataset.waiting = String(waiting.length);
    box.dataset.refused = String(refused.length);
    badge(waiting.length + refused.length);
    const out = document.querySelector("form.out");
    if (out && onShift()) {
      out.hidden = false;
      out.querySelector(".who").textContent = it.shift.staff;
    }
    document.documentElement.dataset.line = it.line;
    document.documentElement.dataset.shift = onShift() ? "on" : "none";
  };
  const receiptOf = async (id) => {
    const receipt = await sealed.open(id);
    return receipt && { ...receipt, id };
  };
  const sentRow = (sent) => {
    const made = row(`已补登记 ${sent.length} 条，通行码请交给本人：`);
    for (const one of sent) {
      const code = one.code || "登记过，已按期删除";
      made.append(make("p", `${one.label} ${clock(Date.parse(one.at))}　${code}`, "line-code"));
    }
    made.append(button("都交给本人了", async () => {
      for (const one of sent) await sealed.remove(one.id);
      await show();
    }));
    return made;
  };
  const badge = (count) => {
    const pill = document.getElementById("waiting");
    if (!pill) return;
    pill.hidden = count === 0;
    pill.textContent = `待发 ${count}`;
  };

  const alertWith = (form, reasons) => {
    document.getElementById("refused")?.remove();
    for (const old of form.querySelectorAll(".field.wrong")) {
      old.classList.remove("wrong");
      old.querySelector(".fault")?.remove();
      old.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
    }
    if (!reasons.length) return;
    const box = make("section", "", "refused");
    box.id = "refused";
    box.tabIndex = -1;
    box.setAttribute("role", "alert");
    box.append(make("p", reasons[0].zh, "say"));
    form.before(box);
    for (const one of reasons) {
      const field = one.field && document.getElementById(`f-${one.field}-box`);
      if (field && !field.classList.contains("wrong")) {
        field.classList.add("wrong");
        field.insertBefore(make("p", one.zh, "fault"), field.querySelector(":scope > .instead"));
        field.querySelector("input:not([type=hidden])")?.setAttribute("aria-invalid", "true");
      }
      // What the form may not ask is taken out of it, as the server would.
      if (one.remove) for (const extra of [...form.elements].filter((input) => input.name === one.field)) extra.remove();
    }
    self.DeskPage.settle();
  };
  const put = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    document.title = fresh.title;
    document.body.replaceWith(document.importNode(fresh.body, true));
    scrollTo(0, 0);
    self.DeskPage.settle();
    return show();
  };
  // A card that was drawn into the page for when nobody can be asked.
  const card = (name, fill = {}) => {
    const made = document.getElementById(name).content.cloneNode(true);
    for (const [part, text] of Object.entries(fill)) made.querySelector(`[data-${part}]`).textContent = text;
    document.body.classList.remove("turned");
    document.querySelector("form.register").replaceWith(made);
    document.getElementById("refused")?.remove();
    scrollTo(0, 0);
    return show();
  };

  // -- one form ---------------------------------------------------------------------------------------------------

  const pairsOf = (form, submitter) => {
    const pairs = [...new FormData(form)].filter(([name]) => name !== "csrftoken");
    if (submitter && submitter.name) pairs.push([submitter.name, submitter.value]);
    return pairs.map(([name, value]) => [name, name === "_key" && !value ? newKey(form) : String(value)]);
  };
  const newKey = (form) => {
    const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18)))).replace(/\+/g, "-").replace(/\//g, "_");
    form.elements.namedItem("_key").value = key;
    return key;
  };

  const keep = async (form, pairs, at) => {
    if (!onShift()) return show();
    const reasons = form.dataset.rules ? self.DeskRules.check(JSON.parse(form.dataset.rules), pairs) : [];
    if (reasons.length) return alertWith(form, reasons);
    const { category, label } = form.dataset;
    const content = { category, label, pairs, at, ticket: it.shift.ticket };
    await sealed.seal(content, it.shift.staff);
    navigator.storage?.persist?.().catch(() => {}); // a browser that is short of room should not choose this to forget
    return card("kept");
  };
  const sendNow = async (form, pairs) => {
    const at = new Date(it.now()).toISOString();
    if (it.line === "offline") {
      // Nobody stands at the window while a dead line is waited for: what is sealed goes at once if it is alive again.
      await keep(form, pairs, at);
      goOn();
      return;
    }
    const answer = await unlessLost(() => post(form.getAttribute("action"), [...pairs, ["_at", at]], "text/html"));
    if (it.line === "offline") return keep(form, pairs, at);
    if (!answer || answer.type === "opaqueredirect") {
      it.line = "out"; // what was typed goes with the shift that typed it
      return keep(form, pairs, at);
    }
    if ([200, 201, 422].includes(answer.status)) return put(await answer.text());
    return alertWith(form, [{ field: null, zh: await it.sentence(answer) }]);
  };
  const sendMended = async (form, pairs) => {
    const { id, at, ticket, category } = it.mending;
    const content = { category, label: form.dataset.label, pairs, at, ticket };
    await sealed.sealAgain(id, content);
    it.mending = null;
    await unlessLost(() => it.send(id));
    const left = (await sealed.sweep()).find((one) => one.id === id);
    if (!left || left.done) return card("mended");
    if (!left.reasons) return card("kept");
    it.mending = { id, at, ticket, category };
    return alertWith(form, left.reasons);
  };

  const submit = async (form, submitter) => {
    const act = submitter ? submitter.value : "spoken";
    await ready;
    if (plain) return form.requestSubmit(submitter);
    if (act === "no") {
      // Who says no after all leaves nothing behind, also of what was sealed for them before.
      if (it.mending) await sealed.remove(it.mending.id);
      it.mending = null;
      return card("declined");
    }
    const pairs = pairsOf(form, submitter);
    if (act !== "screen") return it.mending ? sendMended(form, pairs) : sendNow(form, pairs);
    const answer = await unlessLost(() => post(form.getAttribute("action"), pairs, "text/html"));
    if (answer && [200, 422].includes(answer.status)) return put(await answer.text());
    if (it.line !== "offline" && (!answer || answer.type === "opaqueredirect")) it.line = "out";
    await show();
    return alertWith(form, [{ field: null, zh: "现在没有网络，不能转屏点选：请把告知读给来访人听，由他口头表示。" }]);
  };
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (plain) return;
    if (form.getAttribute("action") === "/logout") return leaving(event);
    if (!form.matches("form.register")) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    form.setAttribute("aria-busy", "true");
    try {
      await submit(form, event.submitter);
    } catch {
      alertWith(form, [{ field: null, zh: "没有存下来，请再点一次；还不行就用空白登记单。" }]);
    } finally {
      busy = false;
      form.removeAttribute("aria-busy");
    }
  });

  // Out at once on this tablet, also without network; the server hears of it as soon as it can.
  const leaving = async (event) => {
    event.preventDefault();
    await sealed.setNote("shift", null);
    await sealed.setNote("leaving", true);
    it.shift = null;
    await goOn();
  };

  const mend = async () => {
    const id = /^#waiting=([0-9a-f-]{36})$/.exec(location.hash)?.[1];
    const form = document.querySelector("form.register");
    const row = id && (await sealed.sweep()).find((one) => one.id === id && one.by === it.shift?.staff);
    const content = row && (await sealed.open(id));
    if (!content) return;
    if (!form || form.dataset.category !== content.category) {
      location.assign(`/desk/new/${content.category}#waiting=${id}`);
      return;
    }
    history.replaceState(null, "", location.pathname);
    it.mending = { id, at: content.at, ticket: content.ticket, category: content.category };
    form.reset();
    for (const [name, value] of content.pairs) {
      for (const input of [...form.elements].filter((one) => one.name === name && one.type !== "submit")) {
        if (input.type === "radio" || input.type === "checkbox") input.checked = input.value === value;
        else input.value = value;
      }
    }
    alertWith(form, row.reasons || []);
  };

  it.changed = show;

  // -- begin ------------------------------------------------------------------------------------------------------

  const begin = async () => {
    try {
      it.shift = (await sealed.note("shift")) || null;
      await sealed.sweep();
    } catch {
      plain = true;
      return;
    }
    const form = document.querySelector("form.register");
    if (form && form.elements.namedItem("_key").value === "") {
      it.line = "offline"; // the shell: the network was just asked for, in vain
      await show();
      goOn().then(mend);
      return;
    }
    await unlessLost(it.askShift);
    await show();
    await mend();
  };
  const ready = new Promise((resolve) => {
    document.addEventListener("DOMContentLoaded", () => begin().finally(resolve));
  });
  ready.then(async () => {
    document.documentElement.dataset.desk = "ready";
    if (plain) return;
    if (it.line === "online") await unlessLost(() => it.alone(it.sendAll));
    await show();
  });
  navigator.serviceWorker?.register("/desk/worker.js", { scope: "/desk" }).catch(() => {});
  const unlessPlain = (work) => () => ready.then(() => plain || work());
  addEventListener("online", unlessPlain(goOn));
  addEventListener("offline", unlessPlain(() => { it.line = "offline"; return show(); }));
  addEventListener("hashchange", unlessPlain(mend));
  document.addEventListener("visibilitychange", unlessPlain(() => document.hidden || goOn()));
  setInterval(unlessPlain(async () => {
    const rows = await sealed.sweep();
    if (it.line !== "online" || rows.some((one) => !one.reasons && !one.done)) await goOn();
    else await show();
  }), AGAIN);
})();
