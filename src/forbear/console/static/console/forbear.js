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

  // What is on its way. A form is sent once, the dialog shows what was asked for last, and while a
  // dialog or another page is on its way no key acts on what is about to change.
  const sending = new Set();
  const heard = new WeakSet();
  let asked = null;
  let leaving = false;
  let stale = false;
  const busy = () => [...sending].some((elt) => dialog()?.contains(elt));
  const typed = (elt) => elt?.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
  const redraws = (elt) => elt.getAttribute("hx-trigger")?.includes("forbear:changed");
  const dismiss = (box) => { if (box && !(box.id === "dialog" && busy())) box.close(); };
  const follow = (link) => {
    if (!link) return;
    leaving = link.matches("a[href]") && !link.hasAttribute("hx-get");
    link.click();
  };

  // The row that the keys act on; it survives the list being drawn again, and where it is gone, no
  // other takes its place by itself.
  const rows = () => $$("tr[data-row]");
  let chosen = null;
  let place = null;
  let focused = null;
  const choose = (row, scroll = true) => {
    rows().forEach((one) => one.setAttribute("aria-selected", one === row));
    if (!row) return;
    chosen = row.dataset.row;
    place = rows().indexOf(row);
    if (scroll) row.scrollIntoView({ block: "nearest" });
  };
  const current = () => rows().find((row) => row.getAttribute("aria-selected") === "true");
  const again = () => {
    const row = rows().find((one) => one.dataset.row === chosen);
    if (row) choose(row, false);
    else chosen = null;
    if (focused) $(focused)?.focus({ preventScroll: true });
    focused = null;
  };
  const step = (by) => {
    const all = rows();
    if (all.length && $("[data-walk]")) {
      const now = current();
      if (!now) {
        const at = by > 0 ? (place ?? 0) : (place ?? all.length) - 1;
        return choose(all[Math.min(Math.max(at, 0), all.length - 1)]);
      }
      const next = all[all.indexOf(now) + by];
      return next ? choose(next) : follow($(by > 0 ? "a[rel=next]" : "a[rel=prev]", $(".pager") || document));
    }
    follow($(by > 0 ? "a[data-key=j]" : "a[data-key=k]"));
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key.toLowerCase();
    const open = $$("dialog").find((one) => one.open);
    const typing = typed(event.target);
    if (key === "escape") {
      leaving = false;
      if (!open) asked?.abort();
    } else if (!typing && key !== "tab" && (asked || leaving || (event.repeat && key !== "j" && key !== "k"))) {
      return event.preventDefault();
    }
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
    else if (key === "enter" && current() && !event.target.matches("a, button, summary")) follow($("a", current()));
    else if ("rpcasu".includes(key) && key.length === 1) {
      const apart = $$(`main [data-key=${key}]`).filter((one) => !one.closest("tr[data-row]"));
      const own = current() ? $(`[data-key=${key}]`, current()) : apart[0];
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
      return dismiss(target.closest("dialog"));
    }
    if (target.matches("dialog")) {
      const box = target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) dismiss(target);
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

  document.addEventListener("htmx:confirm", (event) => {
    if (event.detail.verb !== "get" && sending.has(event.detail.elt)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { xhr, target, requestConfig } = event.detail;
    const { elt, verb } = requestConfig;
    if (verb !== "get") sending.add(elt);
    if (target.id === "dialog") asked = xhr;
    xhr.addEventListener("loadend", () => {
      sending.delete(elt);
      if (asked === xhr) asked = null;
      if (xhr.status && !heard.has(xhr)) tell(xhr);
      if (dialog() && !dialog().open && !busy()) dialog().replaceChildren();
    });
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => heard.add(event.detail.xhr));
  // Who asked is no longer on the page, so that htmx told nobody what came of it.
  const tell = (xhr) => {
    const told = xhr.getResponseHeader("HX-Trigger") || "";
    const events = told.startsWith("{") ? JSON.parse(told) : told ? { [told]: "" } : {};
    for (const [name, value] of Object.entries(events)) {
      document.body.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { value } }));
    }
    if (xhr.status >= 400 && !told) say(document.body.dataset.failed, true);
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr, requestConfig } = event.detail;
    if (target.id === "dialog" && xhr !== asked) event.detail.shouldSwap = false;
    const active = document.activeElement;
    if (!redraws(requestConfig.elt) || !target.contains(active)) return;
    const row = active.closest("tr[data-row]");
    focused = row && active.dataset.key
      ? `tr[data-row="${CSS.escape(row.dataset.row)}"] [data-key="${CSS.escape(active.dataset.key)}"]` : null;
    if (!typed(active)) return;
    event.detail.shouldSwap = false; // it would take away what is being typed
    stale = true;
  });
  document.addEventListener("focusout", () => {
    if (!stale) return;
    stale = false;
    setTimeout(() => document.body.dispatchEvent(new CustomEvent("forbear:changed")));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "dialog" && !dialog().open) dialog().showModal();
    if (event.detail.target.id === "dialog") $("[autofocus]", dialog())?.focus();
    again();
  });
  document.addEventListener("forbear:done", (event) => {
    if (dialog()?.contains(event.target)) dialog().close();
    say(event.detail.value);
  });
  document.addEventListener("forbear:wrong", (event) => say(event.detail.value, true));
  document.addEventListener("htmx:sendError", () => say(document.body.dataset.offline, true));
  document.addEventListener("htmx:responseError", (event) => {
    if (!event.detail.xhr.getResponseHeader("HX-Trigger")) say(document.body.dataset.failed, true);
  });
  document.addEventListener("cancel", (event) => {
    if (event.target.id === "dialog" && busy()) event.preventDefault();
  }, true);
  document.addEventListener("close", (event) => {
    // nothing revealed stays behind; what is being sent stays until it is answered
    if (event.target.id === "dialog" && !busy()) event.target.replaceChildren();
  }, true);
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("pageshow", () => $$("form[data-filter] :disabled").forEach((f) => { f.disabled = false; }));
})();
