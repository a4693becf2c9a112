// Comfort for the pages on entries: large type, reading aloud, live counts, law names, more rows.
(function () {
  "use strict";

  function preview(screen) {
    var large = screen.querySelector("[data-large]");
    large.hidden = false;
    large.addEventListener("click", function () {
      var on = screen.classList.toggle("wechat-large");
      large.setAttribute("aria-pressed", String(on));
      large.textContent = on ? "普通字" : "大字";
    });
    var read = screen.querySelector("[data-read]");
    if (!window.speechSynthesis || !window.SpeechSynthesisUtterance) { return; }
    read.hidden = false;
    function rest() { read.textContent = "朗读"; }
    read.addEventListener("click", function () {
      if (speechSynthesis.speaking) { speechSynthesis.cancel(); rest(); return; }
      var said = Array.prototype.map.call(
        screen.querySelectorAll("[data-speak]"), function (part) { return part.textContent; });
      var speech = new SpeechSynthesisUtterance(said.join("\n"));
      speech.lang = "zh-CN";
      // Slower than usual: who needs it read aloud mostly needs it slowly, too.
      speech.rate = 0.85;
      speech.onend = rest;
      speech.onerror = rest;
      read.textContent = "停";
      speechSynthesis.speak(speech);
    });
    window.addEventListener("pagehide", function () { speechSynthesis.cancel(); });
  }

  function count(area) {
    var told = document.createElement("div");
    told.className = "form-hint";
    told.setAttribute("aria-live", "polite");
    area.insertAdjacentElement("afterend", told);
    function tell() {
      var bytes = new Blob([area.value]).size;
      told.textContent = Array.from(area.value).length + " 字，" + bytes + " 字节" +
        (bytes > 2000 ? "，超过 2000 字节，微信里会分段发" : "");
      told.classList.toggle("text-danger", bytes > 2000);
    }
    area.addEventListener("input", tell);
    tell();
  }

  function laws(input) {
    var waits = 0;
    input.addEventListener("input", function () {
      clearTimeout(waits);
      var typed = input.value.trim();
      if (typed.length < 2) { return; }
      waits = setTimeout(function () {
        fetch(input.dataset.laws + "?q=" + encodeURIComponent(typed), { credentials: "same-origin" })
          .then(function (answer) { return answer.ok ? answer.json() : []; })
          .then(function (names) {
            var list = document.getElementById("laws");
            list.textContent = "";
            names.forEach(function (name) {
              var option = document.createElement("option");
              option.value = name;
              list.appendChild(option);
            });
          })
          .catch(function () { /* A name can be typed out, too. */ });
      }, 250);
    });
  }

  function more(button) {
    button.addEventListener("click", function (event) {
      event.preventDefault();
      var rows = button.closest("fieldset").querySelectorAll("[data-row]");
      var row = rows[rows.length - 1].cloneNode(true);
      row.querySelectorAll(".entry-source").forEach(function (old) { old.remove(); });
      row.querySelectorAll("input").forEach(function (input) { input.value = ""; });
      rows[rows.length - 1].insertAdjacentElement("afterend", row);
      row.querySelectorAll("[data-laws]").forEach(laws);
      row.querySelector("input").focus();
    });
  }

  document.querySelectorAll("[data-wechat]").forEach(preview);
  document.querySelectorAll("textarea[data-count]").forEach(count);
  document.querySelectorAll("input[data-laws]").forEach(laws);
  document.querySelectorAll("button[data-more]").forEach(more);
})();
