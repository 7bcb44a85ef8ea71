// Keys, dialogs and confirmations. Every page works without this file; with it, faster.
(() => {
  "use strict";
  const $ = (query, from = document) => from.querySelector(query);
  const $$ = (query, from = document) => [...from.querySelectorAll(query)];
  const dialog = () => $("#dialog");

  // Say in place what was done, or what was not.
  const say = (text, wrong) => {
    const toasts = $("#toasts");
    if (!toasts || !text) return;
    const toast = document.createElement("div");
    toast.className = wrong ? "toast no" : "toast";
    const words = document.createElement("span");
    words.textContent = text;
    const close = document.createElement("button");
    close.textContent = "×";
    close.setAttribute("aria-label", document.body.dataset.close);
    close.onclick = () => toast.remove();
    toast.append(words, close);
    toasts.replaceChildren(...[...toasts.children].slice(-2), toast);
    setTimeout(() => toast.remove(), wrong ? 12000 : 5000);
  };

  // The row that the keys act on; it survives the list being drawn again.
  const rows = () => $$("tr[data-row]");
  let chosen = null;
  let place = 0;
  const choose = (row, scroll = true) => {
    rows().forEach((one) => one.setAttribute("aria-selected", one === row));
    if (!row) return;
    chosen = row.dataset.row;
    place = rows().indexOf(row);
    if (scroll) row.scrollIntoView({ block: "nearest" });
  };
  const current = () => rows().find((row) => row.getAttribute("aria-selected") === "true");
  const again = () => {
    const all = rows();
    if (chosen === null || !all.length) return;
    choose(all.find((row) => row.dataset.row === chosen) || all[Math.min(place, all.length - 1)], false);
  };
  const step = (by) => {
    const all = rows();
    if (all.length && $("[data-walk]")) {
      const now = current();
      if (!now) return choose(all[by > 0 ? 0 : all.length - 1]);
      const next = all[all.indexOf(now) + by];
      return next ? choose(next) : $(by > 0 ? "a[rel=next]" : "a[rel=prev]", $(".pager") || document)?.click();
    }
    $(by > 0 ? "a[data-key=j]" : "a[data-key=k]")?.click();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key.toLowerCase();
    const open = $$("dialog").find((one) => one.open);
    const typing = event.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (open) {
      if (typing) return;
      const choice = $(`[data-choice="${CSS.escape(key)}"]`, open);
      if (choice) {
        event.preventDefault();
        choice.checked = true;
        choice.dispatchEvent(new Event("change", { bubbles: true }));
        choice.focus();
      } else if (key === "r" || key === "p") {
        $(`[data-key=${key}]`, open)?.click();
      }
      return;
    }
    if (typing) {
      if (key === "escape") event.target.blur();
      return;
    }
    if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "/") $("input[type=search]")?.focus();
    else if (key === "?") $("#help")?.showModal();
    else if (key === "enter" && current() && !event.target.matches("a, button, summary")) $("a", current())?.click();
    else if ("rpcasu".includes(key) && key.length === 1) {
      const own = current() ? $(`[data-key=${key}]`, current()) : $(`main [data-key=${key}]`);
      const button = own || $(`main [data-always][data-key=${key}]`);
      if (!button) return;
      button.click();
    } else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("[data-help]")) return $("#help").showModal();
    if (target.closest("[data-dismiss]")) {
      event.preventDefault();
      return target.closest("dialog")?.close();
    }
    if (target.matches("dialog")) {
      const box = target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) target.close();
      return;
    }
    const put = target.closest("[data-put]");
    if (put) {
      const field = $(put.dataset.into);
      field.value = put.dataset.put;
      return;
    }
    const row = target.closest("tr[data-row]");
    if (row && !target.closest("a, button, input, label, form")) {
      choose(row, false);
      if (!window.getSelection().toString()) $("a", row)?.click();
    }
  });

  // Filters act when changed, and leave no empty words in the address.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-filter]");
    if (form && !event.target.matches("input[type=search]")) form.requestSubmit();
    const follows = event.target.closest("form")?.querySelector("[data-follows]");
    if (follows && event.target.name === "code") follows.textContent = event.target.dataset.says || "";
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-filter]")) return;
    $$("input, select", event.target).forEach((field) => { field.disabled = !field.value; });
    setTimeout(() => $$("input, select", event.target).forEach((field) => { field.disabled = false; }), 50);
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "dialog" && !dialog().open) dialog().showModal();
    if (event.detail.target.id === "dialog") $("[autofocus]", dialog())?.focus();
    again();
  });
  document.addEventListener("forbear:done", (event) => {
    dialog()?.close();
    say(event.detail.value);
  });
  document.addEventListener("forbear:wrong", (event) => say(event.detail.value, true));
  document.addEventListener("htmx:sendError", () => say(document.body.dataset.offline, true));
  document.addEventListener("close", (event) => {
    if (event.target.id === "dialog") event.target.replaceChildren(); // nothing revealed stays behind
  }, true);
  window.addEventListener("pageshow", () => $$("form[data-filter] :disabled").forEach((f) => { f.disabled = false; }));
})();
