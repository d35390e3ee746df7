"use strict";
// The rules of the form that a tablet can keep without network, in the sentences of the policy. What passes here is
// judged again by the gate; what does not is never sealed.
self.DeskRules = (() => {
  // Shaped like an ID number with its date of birth, old or new, or like a mobile number: no checksum, for until the
  // gate can look, doubt is reason enough not to keep it on a tablet. An order number without such a date passes.
  const DATE = "(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])";
  const NUMBERS = new RegExp(`(?<!\\d)(?:\\d{6}(?:19|20)\\d\\d${DATE}\\d{3}[\\dX]|\\d{8}${DATE}\\d{3}|1[3-9]\\d{9})(?!\\d)`, "i");
  const shaped = (text) => {
    const folded = text.normalize("NFKC");
    return NUMBERS.test(folded) || NUMBERS.test(folded.replace(/[\s\-.·_\u200b-\u200f\u2060\ufeff]/g, ""));
  };

  const faultOf = (rule, value) => {
    const text = value.normalize("NFKC").trim();
    if (rule.type === "code") return rule.values.includes(value) ? "" : "bad_format";
    if (rule.type === "count") return /^\d{1,6}$/.test(text) && Number(text) <= rule.most ? "" : "bad_format";
    if ([...text].length > rule.longest) return "too_large";
    if (!rule.numbers && shaped(value)) return "identifier_in_text";
    return "";
  };

  // Every reason at once, in the order of the form: [{field, zh}].
  const check = (rules, pairs) => {
    const said = new Map(pairs);
    const reasons = [];
    const given = new Set();
    for (const [name, value] of pairs) {
      if (name.startsWith("_")) continue;
      const [head, part] = name.split(".", 2);
      const rule = Object.hasOwn(rules.fields, head) ? rules.fields[head] : null;
      if (!rule || (part !== undefined && rule.type !== "verification")) {
        reasons.push({ field: name, zh: Object.hasOwn(rules.never, name) ? rules.never[name] : rules.unknown, remove: true });
        continue;
      }
      if (!value.trim() || said.get(`_decline.${head}`) || said.get(`_separate.${head}`) === "no") continue;
      given.add(head);
      const code = rule.type === "verification" ? "" : faultOf(rule, value);
      if (code) reasons.push({ field: head, zh: rule.says[code] });
    }
    for (const [name, rule] of Object.entries(rules.fields)) {
      if (!given.has(name)) {
        const way = said.get(`_decline.${name}`);
        if (rule.required && !rule.ways.includes(way)) reasons.push({ field: name, zh: rule.says.missing_field });
        continue;
      }
      const whole = said.get(`${name}.type`) && said.get(`${name}.result`);
      if (rule.type === "verification" && !whole) reasons.push({ field: name, zh: rule.says.bad_format });
      if (rule.separate && said.get(`_separate.${name}`) !== "yes") reasons.push({ field: name, zh: rule.says.no_consent });
    }
    return reasons;
  };

  return { check };
})();
