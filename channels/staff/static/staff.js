// Comfort that every page of the console has; all of it works without this, a little less kindly.
(function () {
  "use strict";

  var body = document.body;
  var account = body.dataset.account || "";
  var BEAT = 15000;

  function show(element, on) { if (element) { element.hidden = !on; } }
  function find(name) { return document.querySelector("[" + name + "]"); }

  // --- Unsaved text: kept in this browser until the form has been taken. ---
  var STORE = "minsheng-staff:";
  var sent = false;

  function keyOf(form, index) {
    return STORE + (form.getAttribute("data-keep-form") || form.getAttribute("data-keep") ||
      location.pathname + "#" + index);
  }
  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && field.name !== "csrf" && !/^(hidden|file|password|submit|button)$/.test(field.type);
    });
  }
  function valueOf(field) { return /^(checkbox|radio)$/.test(field.type) ? field.checked : field.value; }
  function firstOf(field) {
    if (/^(checkbox|radio)$/.test(field.type)) { return field.defaultChecked; }
    if (field.tagName === "SELECT") {
      var chosen = Array.prototype.filter.call(field.options, function (o) { return o.defaultSelected; });
      return (chosen[0] || field.options[0] || { value: "" }).value;
    }
    return field.defaultValue;
  }
  function keep(form, key) {
    var changed = {};
    fields(form).forEach(function (field, at) {
      if (valueOf(field) !== firstOf(field)) { changed[at + ":" + field.name] = valueOf(field); }
    });
    try {
      if (Object.keys(changed).length) {
        localStorage.setItem(key, JSON.stringify({ account: account, at: Date.now(), changed: changed }));
      } else { localStorage.removeItem(key); }
    } catch (full) { /* Nothing can be kept: the page works on. */ }
  }
  function putBack(form, key) {
    var kept;
    try { kept = JSON.parse(localStorage.getItem(key) || "null"); } catch (broken) { kept = null; }
    if (!kept || kept.account !== account || Date.now() - kept.at > 86400000) { return; }
    var any = false;
    fields(form).forEach(function (field, at) {
      var value = kept.changed[at + ":" + field.name];
      if (value === undefined || valueOf(field) === value) { return; }
      if (/^(checkbox|radio)$/.test(field.type)) { field.checked = value; } else { field.value = value; }
      field.dispatchEvent(new Event("input", { bubbles: true }));
      any = true;
    });
    if (!any) { return; }
    show(find("data-kept"), true);
    var drop = find("data-kept-drop");
    if (drop) {
      drop.addEventListener("click", function () { localStorage.removeItem(key); sent = true; location.reload(); });
    }
  }
  var forms = [];
  document.querySelectorAll("form[data-keep-form], form[data-keep], textarea[data-keep], input[data-keep]")
    .forEach(function (element) {
      var form = element.tagName === "FORM" ? element : element.form;
      if (form && forms.indexOf(form) < 0) { forms.push(form); }
    });
  (function () {
    var note = sessionStorage.getItem(STORE + "sent");
    if (!note || !account) { return; }
    sessionStorage.removeItem(STORE + "sent");
    var told = JSON.parse(note);
    // …or on the same one, with a word that it was done.
    if (location.pathname !== told[1] || document.querySelector(".alert-success[role=status]")) { localStorage.removeItem(told[0]); }
  })();
  forms.forEach(function (form, index) {
    var key = keyOf(form, index);
    putBack(form, key);
    var wait;
    form.addEventListener("input", function () {
      clearTimeout(wait);
      wait = setTimeout(function () { keep(form, key); }, 400);
    });
    form.addEventListener("submit", function () {
      clearTimeout(wait);
      keep(form, key);
      // The page that follows tells whether it was taken: on another address it was.
      sessionStorage.setItem(STORE + "sent", JSON.stringify([key, location.pathname]));
    });
    window.addEventListener("pagehide", function () { if (!sent) { keep(form, key); } });
  });

  // --- Questions before what cannot be undone. ---
  document.addEventListener("submit", function (event) {
    var button = event.submitter;
    var question = (button && button.getAttribute("data-confirm")) || event.target.getAttribute("data-confirm");
    if (question && !window.confirm(question)) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  // --- Ticks in lists that have no script of their own. ---
  document.querySelectorAll("form[data-ticks]").forEach(function (form) {
    var count = form.querySelector("[data-ticks-count]");
    if (!count) { return; }
    var boxes = Array.prototype.slice.call(form.querySelectorAll("tbody input[type=checkbox][name]"));
    var page = form.querySelector("[data-ticks-page]");
    var all = form.querySelector("[data-ticks-all]");
    var total = (all && all.dataset.total) || form.dataset.total;
    function tell() {
      var chosen = boxes.filter(function (box) { return box.checked; }).length;
      var every = all && all.checked;
      count.textContent = every ? total : String(chosen);
      form.querySelectorAll("[data-ticks-button]").forEach(function (button) { button.disabled = !every && !chosen; });
      if (page) {
        page.checked = boxes.length > 0 && chosen === boxes.length;
        page.indeterminate = chosen > 0 && chosen < boxes.length;
      }
    }
    if (page) { page.addEventListener("change", function () { boxes.forEach(function (box) { box.checked = page.checked; }); if (all && !page.checked) { all.checked = false; } tell(); }); }
    if (all) { all.addEventListener("change", function () { boxes.forEach(function (box) { box.checked = all.checked; }); tell(); }); }
    boxes.forEach(function (box) { box.addEventListener("change", function () { if (all && !box.checked) { all.checked = false; } tell(); }); });
    tell();
  });
  document.querySelectorAll("select[data-goes]").forEach(function (select) {
    select.addEventListener("change", function () { location.href = select.value; });
  });
  var wrong = document.querySelector("[aria-invalid=true]");
  if (wrong) { wrong.focus(); }

  // --- Watermark: a style attribute would be against the page's policy, the object model is not. ---
  var mark = find("data-watermark");
  if (mark) {
    var sheet = document.createElement("div");
    sheet.className = "watermarked";
    sheet.setAttribute("aria-hidden", "true");
    sheet.style.backgroundImage = "url('" + mark.getAttribute("src") + "')";
    body.appendChild(sheet);
  }

  // --- Still there? The line, the session, how much is left of it. ---
  if (!body.dataset.alive) { return; }
  var ends = Date.now() + Number(body.dataset.idleLeft) * 1000;
  var warn = Number(body.dataset.idleWarn);
  var again, busy = false;
  // Somebody who types for half an hour is at work, though no page is asked for.
  ["input", "keydown", "pointerdown", "wheel"].forEach(function (kind) {
    document.addEventListener(kind, function () { busy = true; }, { passive: true });
  });
  function beat(stay) {
    var touch = busy || stay === true;
    busy = false;
    clearTimeout(again);
    return fetch(body.dataset.alive + (touch ? "?touch=1" : ""), { credentials: "same-origin", cache: "no-store" })
      .then(function (answer) {
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.json();
      })
      .then(function (told) {
        show(find("data-line-down"), false);
        if (!told.signed) { leave(); return; }
        ends = Date.now() + told.left * 1000;
        var badge = find("data-todo-count");
        if (badge) { badge.textContent = told.todo; show(badge, told.todo > 0); }
      })
      .catch(function () {
        busy = busy || touch;
        show(find("data-line-down"), true);
        clearTimeout(again);
        again = setTimeout(beat, 3000);
      });
  }
  function leave() {
    forms.forEach(function (form, index) { keep(form, keyOf(form, index)); });
    sent = true;
    location.replace("/staff/sign-in?idle=1&next=" + encodeURIComponent(location.pathname + location.search));
  }
  setInterval(function () { if (!document.hidden) { beat(); } }, BEAT);
  setInterval(function () {
    var left = Math.round((ends - Date.now()) / 1000);
    show(find("data-idle-warning"), left <= warn && left > 0);
    if (busy && left <= warn && left > 0) { beat(); }
    var seconds = find("data-idle-seconds");
    if (seconds) { seconds.textContent = String(left); }
    if (left <= 0) { beat(); ends = Date.now() + BEAT; }
  }, 1000);
  var stay = find("data-idle-stay");
  if (stay) { stay.addEventListener("click", function () { beat(true); }); }
  window.addEventListener("offline", function () { show(find("data-line-down"), true); });
  window.addEventListener("online", function () { beat(); });
  // What Back takes out of the browser's memory is asked for again.
  window.addEventListener("pageshow", function (event) { if (event.persisted) { location.reload(); } });
  beat();
})();
