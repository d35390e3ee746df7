"use strict";
// Checks a deletion certificate in the browser, as `compliance verify` does: tombstone, two inclusion paths (RFC 6962),
// and the signed head (C2SP signed note, Ed25519). Nothing is sent anywhere.
(() => {
  const EN = document.documentElement.lang.startsWith("en");
  const say = (zh, en) => (EN ? en : zh);
  const FORMAT = "compliance-deletion-certificate/1";
  const DELETIONS = ["erased", "anonymised"];
  const utf8 = new TextEncoder();

  class Rejected extends Error {}
  const must = (holds, zh, en) => {
    if (!holds) throw new Rejected(say(zh, en));
  };

  const join = (...pieces) => {
    const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  };
  const bytes = (...numbers) => Uint8Array.from(numbers);
  const hex = (content) => Array.from(content, (one) => one.toString(16).padStart(2, "0")).join("");
  const same = (one, other) => hex(one) === hex(other);
  const sha256 = async (content) => new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  const node = (left, right) => sha256(join(bytes(1), left, right));

  // A second spelling is a change that nobody notices, so only the canonical one is taken.
  const fromBase64 = (text) => {
    let raw = "";
    try {
      raw = atob(text);
    } catch {
      raw = "";
    }
    must(raw !== "" && btoa(raw) === text, "编码不对", "not canonical base64");
    return Uint8Array.from(raw, (one) => one.charCodeAt(0));
  };
  const fromHex = (text) => {
    must(/^[0-9a-f]{64}$/.test(text), "摘要格式不对", "a hash is malformed");
    return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
  };
  const canonical = (value) => {
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    return "{" + Object.keys(value).sort().map((key) => JSON.stringify(key) + ":" + canonical(value[key])).join(",") + "}";
  };

  async function included(leaf, index, size, path, root) {
    const counted = Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size;
    must(counted && path.length <= 53, "位置不对", "the index is outside the tree");
    let place = index, last = size - 1, reached = leaf;
    const up = () => {
      place = Math.floor(place / 2);
      last = Math.floor(last / 2);
    };
    for (const sibling of path.map(fromHex)) {
      must(last !== 0, "路径过长", "the path is too long");
      if (place % 2 === 1 || place === last) {
        reached = await node(sibling, reached);
        while (place % 2 === 0 && place !== 0) up();
      } else {
        reached = await node(reached, sibling);
      }
      up();
    }
    must(last === 0 && same(reached, root), "路径没有通向签名的根", "the path does not lead to the signed root");
  }

  async function readKey(text) {
    const found = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim());
    must(found, "验证公钥格式不对", "this is not a verifier key");
    const material = fromBase64(found[3]);
    must(material.length === 33 && material[0] === 1, "不是 Ed25519 公钥", "not an Ed25519 key");
    const id = (await sha256(join(utf8.encode(found[1] + "\n"), material))).slice(0, 4);
    must(hex(id) === found[2], "验证公钥的编号对不上", "the key's id belongs to another key");
    return { name: found[1], id, material };
  }

  async function openHead(text, key) {
    const found = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([^\n]+)\ntime ([^\n]+)\n\n— (\S+) (\S+)\n$/.exec(text);
    must(found, "签名头格式不对", "the head is malformed");
    must(found[1] === key.name && found[5] === key.name, "不是这个账本的签名", "the head is of another ledger");
    const blob = fromBase64(found[6]);
    must(blob.length === 68 && same(blob.slice(0, 4), key.id), "不是这把公钥的签名", "signed by another key");
    const body = utf8.encode(text.slice(0, text.lastIndexOf("\n\n") + 1));
    let imported;
    try {
      imported = await crypto.subtle.importKey("raw", key.material.slice(1), { name: "Ed25519" }, false, ["verify"]);
    } catch {
      throw new Rejected(say("这个浏览器不支持 Ed25519，请换新版浏览器，或用命令 compliance verify 核验。", "This browser lacks Ed25519. Use a newer one, or the command compliance verify."));
    }
    const good = await crypto.subtle.verify({ name: "Ed25519" }, imported, blob.slice(4), body);
    must(good, "签名不成立", "the signature does not verify");
    return { size: Number(found[2]), root: fromBase64(found[3]), time: found[4] };
  }

  function readEntry(sealed) {
    must(sealed[0] === 1, "记录版本未知", "unknown entry version");
    const text = new TextDecoder("utf-8", { fatal: true }).decode(sealed.slice(1));
    const entry = JSON.parse(text);
    must(canonical(entry) === text, "记录不是规范写法", "the entry is not canonical");
    return entry;
  }

  async function verify(certificate, keyText) {
    const known = ["entry", "format", "head", "member", "tombstone"];
    must(Object.keys(certificate).sort().join() === known.join() && certificate.format === FORMAT, "这不是删除证明", "this is not a deletion certificate");
    const sealed = fromBase64(certificate.entry.canonical);
    const entry = readEntry(sealed);
    must(DELETIONS.includes(entry.act), "记录的不是删除", "the entry is no deletion");
    const { rule, article, backup_until } = entry.facts;
    const told = { act: entry.act, site: entry.site, category: entry.category, day: entry.day, rule, article, backup_until };
    must(canonical(told) === canonical(certificate.tombstone), "证明的内容与封存的记录不一致", "the certificate differs from the sealed entry");
    const member = certificate.member;
    const zero = bytes(0);
    const leaf = await sha256(join(bytes(0, 1), utf8.encode(entry.act), zero, utf8.encode(member.holding), zero, utf8.encode(member.parts)));
    await included(leaf, member.index, entry.count, member.path, fromHex(entry.members || ""));
    const head = await openHead(certificate.head, await readKey(keyText));
    await included(await sha256(join(zero, sealed)), certificate.entry.index, head.size, certificate.entry.path, head.root);
    return { ...told, holding: member.holding, time: head.time };
  }

  const verdict = document.getElementById("verdict");
  const show = (good, lines) => {
    verdict.hidden = false;
    verdict.className = good ? "fine" : "error";
    verdict.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  };

  async function check() {
    const file = document.getElementById("file").files[0];
    if (!file) return;
    if (!globalThis.crypto || !crypto.subtle) {
      show(false, [say("浏览器只在 https 页面或本机保存的页面上提供核验功能。请把离线页保存下来再打开，或用命令 compliance verify。", "Browsers verify only on https pages or saved ones. Save the offline page and open it, or use the command compliance verify.")]);
      return;
    }
    try {
      const facts = await verify(JSON.parse(await file.text()), document.getElementById("key").value);
      show(true, [
        say("核验通过。", "The certificate holds."),
        say(`${facts.day} 删除了类别“${facts.category}”的一条记录（编号 ${facts.holding}），依据 ${facts.article}。`, `On ${facts.day} one record of category “${facts.category}” (id ${facts.holding}) was erased under ${facts.article}.`),
        say(`最迟在 ${facts.time} 已记入账本；${facts.backup_until} 之后没有备份还能打开它。`, `It was in the ledger by ${facts.time}; after ${facts.backup_until} no backup can open it.`),
      ]);
    } catch (problem) {
      const why = problem instanceof Rejected ? problem.message : say("文件读不懂", "the file cannot be read");
      show(false, [say("核验没有通过：", "The certificate does not hold: ") + why]);
    }
  }
  document.getElementById("file").addEventListener("change", check);
  document.getElementById("key").addEventListener("change", check);
})();
