// The chat page: sends one message at a time, shows what comes back, keeps what could not be sent.
(function () {
  "use strict";
  var talk = document.getElementById("talk");
  var form = document.getElementById("say");
  var words = document.getElementById("words");
  var send = document.getElementById("send");
  var state = document.getElementById("state");
  var larger = document.getElementById("larger");
  var queue = [];
  var busy = false;

  function bubble(text, mine, extra) {
    var turn = document.createElement("div");
    turn.className = "turn" + (mine ? " mine" : "") + (extra ? " " + extra : "");
    var face = document.createElement("div");
    face.className = "face";
    face.setAttribute("aria-hidden", "true");
    face.textContent = mine ? "我" : "民";
    var body = document.createElement("div");
    body.className = "bubble";
    body.textContent = text;
    turn.appendChild(face);
    turn.appendChild(body);
    talk.appendChild(turn);
    talk.scrollTop = talk.scrollHeight;
    return turn;
  }

  function choices(options) {
    var row = document.createElement("div");
    row.className = "choices";
    options.forEach(function (option) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = option.title;
      button.addEventListener("click", function () { say(option.says); });
      row.appendChild(button);
    });
    talk.appendChild(row);
    talk.scrollTop = talk.scrollHeight;
  }

  function retire() {
    // A choice belongs to the question it was offered with.
    talk.querySelectorAll(".choices button").forEach(function (button) { button.disabled = true; });
  }

  function show(replies) {
    replies.forEach(function (reply) {
      bubble(reply.text, false);
      if (reply.options.length) { choices(reply.options); }
    });
  }

  function newId() {
    var bytes = new Uint8Array(16);
    crypto.getRandomValues(bytes);
    return Array.from(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
  }

  function say(text) {
    if (!text.trim()) { return; }
    retire();
    queue.push({ text: text, id: newId(), turn: bubble(text, true), tries: 0 });
    next();
  }

  function next() {
    if (busy || !queue.length) { return; }
    busy = true;
    var message = queue[0];
    state.textContent = "正在输入…";
    post({ sender: "web", text: message.text, message_id: message.id }).then(function (answer) {
      queue.shift();
      message.turn.classList.remove("failed");
      state.textContent = "在线";
      show(answer.replies);
      busy = false;
      next();
    }, function (problem) {
      // The same id again: the server knows whether it had taken it.
      message.turn.classList.add("failed");
      message.tries += 1;
      state.textContent = problem.said || "连接中断，正在重连…";
      setTimeout(function () { busy = false; next(); }, problem.wait || Math.min(2000 * message.tries, 15000));
    });
  }

  function post(body) {
    return fetch("/web/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body)
    }).then(function (response) {
      if (response.ok) { return response.json(); }
      return response.json().catch(function () { return {}; }).then(function (problem) {
        var wait = Number(response.headers.get("Retry-After")) * 1000;
        throw { said: problem.title, wait: wait };
      });
    });
  }

  function fetchOwed() {
    // Answers that were put off (the service was restarting) come without being asked for.
    if (busy || document.hidden) { return; }
    fetch("/web/owed").then(function (response) { return response.json(); }).then(function (answer) {
      if (answer.owed && !busy) {
        busy = true;
        post({ sender: "web", text: "", message_id: newId() }).then(function (said) {
          show(said.replies);
        }).finally(function () { busy = false; next(); });
      }
    }, function () { /* the next message says so */ });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    say(words.value);
    words.value = "";
    words.style.height = "";
    words.focus();
  });
  words.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit ? form.requestSubmit() : send.click();
    }
  });
  words.addEventListener("input", function () {
    words.style.height = "";
    words.style.height = Math.min(words.scrollHeight + 2, 160) + "px";
  });
  document.getElementById("menu").addEventListener("click", function (event) {
    var says = event.target.getAttribute("data-says");
    if (says) { say(says); }
  });
  larger.addEventListener("click", function () {
    var on = document.documentElement.classList.toggle("larger");
    larger.setAttribute("aria-pressed", String(on));
    localStorage.setItem("larger", on ? "1" : "");
  });
  if (localStorage.getItem("larger")) { larger.click(); }
  bubble("您好，我是民声助手。遇到什么事，直接告诉我就行。", false);
  setInterval(fetchOwed, 5000);
})();
