/* Loket, office side, every page: the keys, the lock of the screen and the end of a session. ES5. */

/* Keys: data-key="b" on a link, button or field opens or enters it, Ctrl+Enter sends the form one types
   in, ? shows the list of keys. */
(function (doc) {
  'use strict';

  // a box for digits alone leaves every other key its meaning
  function isTyping(node, key) {
    if (key && node.hasAttribute('data-typed-only') && /^[a-z?[\]]$/.test(key)) { return false; }
    return /^(TEXTAREA|SELECT)$/.test(node.tagName) || (node.tagName === 'INPUT' && !/^(radio|checkbox|submit)$/.test(node.type));
  }

  function byKey(key) {
    var found = doc.querySelector('[data-key="' + (/^[a-z0-9\/[\]]$/.test(key) ? key : '') + '"]');
    if (!found) { return false; }
    if (isTyping(found)) { found.focus(); } else { found.click(); }
    return true;
  }

  function showKeys() {
    var list = doc.querySelector('.keys');
    if (list) { list.open = !list.open; }
    return !!list;
  }

  function send(event) {
    var form = event.target.form, button = form && form.querySelector(event.shiftKey ? '[data-send-end]' : '[data-send]');
    if (button && event.key === 'Enter') { event.preventDefault(); button.click(); }
  }

  doc.addEventListener('keydown', function (event) {
    if (event.ctrlKey && !event.altKey && isTyping(event.target)) { send(event); }
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target, event.key)) { return; }
    if (event.key === '?' ? showKeys() : byKey(event.key)) { event.preventDefault(); }
  });
}(document));

/* The lock: F9 or fifteen quiet minutes lock the screen. The page stays underneath, so nothing typed is lost;
   the server shuts every other page. Tells two minutes before a session ends. */
(function (win, doc) {
  'use strict';
  var POLL = 60, WARN = 120, QUIET = 15 * 60, SHARE = 20;  // seconds
  var OFFLINE = 'Sambungan terputus. Layar tetap tertutup. Coba lagi.';
  var own = doc.querySelector('form.me'), lock = null, before = null, bar = null, timer, seconds = 0, final = false;
  var touched = Date.now(), shared = 0, channel = win.BroadcastChannel ? new BroadcastChannel('loket-lock') : null;

  function tell(word) { if (channel) { channel.postMessage(word); } }

  // done(xhr); xhr.status is 0 when the line is broken
  function ask(method, url, data, done) {
    var request = new XMLHttpRequest();
    request.open(method, url);
    request.setRequestHeader('HX-Request', 'true');
    if (data) { request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded'); }
    request.onloadend = function () {
      var elsewhere = request.getResponseHeader('HX-Redirect');
      if (elsewhere) { win.location.assign(elsewhere); } else { done(request); }
    };
    request.send(data || null);
  }

  function token() { return 'csrf_token=' + encodeURIComponent(own.querySelector('[name=csrf_token]').value); }

  /* -- the lock -- */

  function cover() {
    if (lock) { return; }
    before = doc.activeElement;
    lock = doc.createElement('div');
    lock.className = 'lock';
    lock.id = 'kunci';
    lock.setAttribute('role', 'dialog');
    lock.setAttribute('aria-modal', 'true');
    lock.setAttribute('aria-label', 'Layar terkunci');
    lock.tabIndex = -1;
    doc.body.appendChild(lock);
    doc.body.classList.add('locked');
    say('Mengunci layar...');
    lock.focus();
    lock.addEventListener('submit', unlock);
  }

  function uncover() {
    if (!lock) { return; }
    if (bar && lock.contains(bar)) { bar = null; }
    doc.body.removeChild(lock);
    doc.body.classList.remove('locked');
    lock = null;
    if (before && before.focus) { before.focus(); }
    poll();
  }

  function say(sentence, again) {
    var card = doc.createElement('section'), line = doc.createElement('p'), button;
    card.className = 'lock-card';
    line.setAttribute('role', 'alert');
    line.textContent = sentence;
    card.appendChild(line);
    if (again) {
      button = doc.createElement('button');
      button.type = 'button';
      button.className = 'btn';
      button.textContent = 'Coba lagi';
      button.addEventListener('click', again);
      card.appendChild(button);
    }
    show(card);
    if (button) { button.focus(); }
  }

  function show(card) {
    if (!lock) { return; }
    lock.textContent = '';
    lock.appendChild(card);
  }

  function fill(html) {
    var card = new DOMParser().parseFromString(html, 'text/html').querySelector('#kunci-isi'), field;
    if (!lock || !card) { return; }
    show(doc.importNode(card, true));
    field = lock.querySelector('[name=secret]');
    if (field) { field.focus(); }
  }

  function lockNow() {
    cover();
    ask('POST', '/petugas/kunci', token(), function (answer) {
      if (answer.status === 200) { tell('lock'); fill(answer.responseText); } else { say(OFFLINE, lockNow); }
    });
  }

  function unlock(event) {
    var form = event.target, button = form.querySelector('[type=submit]');
    if (form.getAttribute('action') !== '/petugas/buka') { return; }
    event.preventDefault();
    button.disabled = true;
    ask('POST', '/petugas/buka', token() + '&secret=' + encodeURIComponent(form.elements.secret.value), function (answer) {
      if (answer.status === 204) { tell('unlock'); uncover(); } else if (answer.status === 422) { fill(answer.responseText); } else {
        say(answer.status === 429 ? 'Terlalu banyak percobaan. Tunggu satu menit.' : OFFLINE, lockNow);
      }
    });
  }

  /* -- the end of the session -- */

  function warn() {
    var words = final ? 'Sesi Anda berakhir dalam ' + left() + ' karena sudah 10 jam. Simpan pekerjaan Anda, lalu masuk lagi.'
      : lock ? 'Buka layar dalam ' + left() + ', setelah itu Anda dikeluarkan.'
        : 'Anda dikeluarkan dalam ' + left() + ' karena halaman ini lama tidak dipakai.';
    if (!bar) { bar = makeBar(); }
    (lock ? lock.firstChild : doc.body).appendChild(bar);
    bar.querySelector('p').textContent = words;
    bar.querySelector('button').hidden = final || !!lock;
  }

  function left() { return seconds > 60 ? 'kurang dari ' + Math.ceil(seconds / 60) + ' menit' : 'kurang dari 1 menit'; }

  function makeBar() {
    var box = doc.createElement('div'), line = doc.createElement('p'), stay = doc.createElement('button');
    box.className = 'box warn session-end';
    box.setAttribute('role', 'alert');
    stay.type = 'button';
    stay.className = 'btn small';
    stay.textContent = 'Tetap masuk';
    stay.addEventListener('click', function () { ask('POST', '/petugas/sesi', token(), poll); });
    box.appendChild(line);
    box.appendChild(stay);
    return box;
  }

  function poll() {
    clearTimeout(timer);
    ask('GET', '/petugas/sesi', null, function (answer) {
      var state;
      timer = setTimeout(poll, 1000 * POLL);
      if (answer.status !== 200) { return; }
      state = JSON.parse(answer.responseText);
      seconds = state.seconds;
      final = state.final;
      clearTimeout(timer);
      timer = setTimeout(poll, 1000 * Math.max(5, Math.min(POLL, seconds > WARN ? seconds - WARN : seconds + 1)));
      if (state.locked && !lock) { lockNow(); } else if (!state.locked && lock && lock.querySelector('[name=secret]')) { uncover(); }
      if (seconds <= WARN) { warn(); } else if (bar) { bar.parentNode.removeChild(bar); bar = null; }
    });
  }

  /* -- a person at work -- */

  function active() {
    touched = Date.now();
    if (touched - shared > 1000 * SHARE) { shared = touched; tell('active'); }
  }

  function quiet() {
    if (!lock && (channel || !doc.hidden) && Date.now() - touched > 1000 * QUIET) { lockNow(); }
  }

  doc.addEventListener('focusin', function (event) { if (event.target.hasAttribute('data-select')) { event.target.select(); } });
  if (!own || !own.hasAttribute('data-session')) { return; }

  // first of all listeners: while locked no key reaches the page underneath
  win.addEventListener('keydown', function (event) {
    active();
    if (event.key === 'F9') { event.preventDefault(); if (!lock) { lockNow(); } }
    if (!lock) { return; }
    event.stopImmediatePropagation();
    if (!lock.contains(event.target)) { event.preventDefault(); lock.focus(); }
  }, true);
  ['mousemove', 'mousedown', 'touchstart', 'wheel'].forEach(function (name) { win.addEventListener(name, active, { passive: true }); });

  own.addEventListener('click', function (event) {
    var button = event.target.closest('[data-lock]');
    if (button) { event.preventDefault(); lockNow(); }
  });

  doc.addEventListener('htmx:beforeSwap', function (event) { if (event.detail.xhr.status === 423) { lockNow(); } });
  doc.addEventListener('visibilitychange', function () { if (!doc.hidden) { poll(); } });
  win.addEventListener('pageshow', function (event) { if (event.persisted) { poll(); } });
  if (channel) {
    channel.onmessage = function (event) {
      if (event.data === 'active') { touched = Date.now(); }
      if (event.data === 'lock' && !lock) { lockNow(); }
      if (event.data === 'unlock') { uncover(); }
    };
  }
  setInterval(quiet, 15000);
  poll();
}(window, document));
