/* Loket, every page. ES5. Everything works without this file: it tells how sending goes, tries again when the
   line breaks, keeps what was typed, reads aloud, and moves the focus after a swap. Photos: photo.js. */
(function (win, doc) {
  'use strict';
  var STALL = 20000, PAUSES = [3, 9, 20, 40, 60], KEEP_AFTER = 400;
  var own = find('script[data-public]'), waiting = [], missing = [], coming = {};

  // htmx reads it when the page is ready, which is after this file. Settled at once: what is pressed in between would
  // leave the page, and on a lost line lose it.
  if (win.htmx) {
    Object.assign(htmx.config, {
      includeIndicatorStyles: false, allowEval: false, historyCacheSize: 0, refreshOnHistoryMiss: true,
      historyRestoreAsHxRequest: false, timeout: 0, defaultSettleDelay: 0, responseHandling: [
        { code: '204', swap: false }, { code: '[23]..', swap: true }, { code: '422', swap: true },
        { code: '[45]..', swap: false, error: true }
      ]
    });
  }

  function find(selector, root) { return (root || doc).querySelector(selector); }
  function on(name, handle, capture) { doc.addEventListener(name, handle, capture); }
  function each(selector, handle, root) { Array.prototype.forEach.call((root || doc).querySelectorAll(selector), handle); }
  function state(node) { return node.loket || (node.loket = { tries: 0 }); }
  function isForm(node) { return node.tagName === 'FORM'; }
  function press(node) {
    var button = !isForm(node) ? node : state(node).by || find('[type=submit]', node);
    if (button) { button.disabled = false; button.click(); }
  }

  /* -- what this page says of itself: one line, spoken -- */

  // With `quietly` nothing that is said there already is talked over.
  function say(node, words, quietly) {
    var line = isForm(node) && find('.status', node) || find('#kabar');
    if (line && !(quietly && line.textContent.trim())) { line.textContent = words; }
  }

  /* -- sending -- */

  function stop(event) { event.preventDefault(); event.stopPropagation(); }

  on('submit', function (event) {
    var form = event.target, mine = state(form), shown = find('.with [type=text]', form);
    if (shown) { shown.type = 'password'; }
    if (mine.busy) { mine.waiting = true; mine.press = function () { press(form); }; stop(event); return; }
    clearTimeout(mine.timer);
    if (form.method !== 'post' || (win.htmx && form.hasAttribute('hx-post'))) { return; }
    if (mine.sent) { stop(event); return; }
    mine.sent = true;
    say(form, 'Mengirim...');
  }, true);

  win.addEventListener('pageshow', function () {
    for (var i = 0; i < doc.forms.length; i++) { state(doc.forms[i]).sent = false; }
  });

  // A line that is open and silent is cut: nothing else ever ends such a wait.
  function watch(node, call, time) {
    clearTimeout(state(node).stall);
    state(node).stall = setTimeout(function () { call.abort(); }, time);
  }

  on('htmx:beforeRequest', function (event) {
    var node = event.detail.elt;
    if (node.hasAttribute('hx-trigger') && !isForm(node)) { return; }
    clearTimeout(state(node).timer);
    // what is kept while one types goes on quietly
    if (!node.hasAttribute('hx-trigger') || node.getAttribute('hx-swap') !== 'none') {
      say(node, isForm(node) ? 'Mengirim...' : 'Membuka...');
      node.classList.add('busy');
    }
    watch(node, event.detail.xhr, STALL);
  });

  on('htmx:xhr:progress', function (event) {
    var detail = event.detail, node = event.target, call = state(node).call;
    if (call) { watch(node, call, STALL); }
    // what has left the page may still wait in the phone: the answer alone tells that it has come
    if (detail.total > 20000 && detail.lengthComputable) {
      say(node, detail.loaded < detail.total ? 'Mengirim, ' + Math.floor(100 * detail.loaded / detail.total) + '%' : 'Menunggu jawaban...');
    }
  });

  on('htmx:beforeSend', function (event) { state(event.detail.elt).call = event.detail.xhr; });

  on('htmx:afterRequest', function (event) {
    var node = event.detail.elt, mine = state(node);
    clearTimeout(mine.stall);
    mine.call = null;
    node.classList.remove('busy');
    if (event.detail.successful) { mine.tries = 0; waiting = waiting.filter(function (one) { return one !== node; }); say(node, ''); }
  });

  // What may be sent twice is sent again by itself, as long as the page is open; all else waits for its button.
  function again(node, reason, seconds) {
    var mine = state(node), left = Math.ceil(seconds || PAUSES[Math.min(mine.tries++, PAUSES.length - 1)]);
    if (isForm(node) && !node.hasAttribute('data-retry')) {
      return say(node, reason + '. Isian Anda masih ada di halaman ini. Tekan tombol sekali lagi.');
    }
    if (waiting.indexOf(node) < 0) { waiting.push(node); }
    say(node, reason + '. Kami coba lagi sendiri dalam ' + left + ' detik. Isian Anda tetap di halaman ini.');
    retry(node, left);
  }

  // htmx drops a press in silence while another is on its way: then it is tried again, too.
  function retry(node, seconds) {
    var mine = state(node);
    clearTimeout(mine.timer);
    mine.timer = setTimeout(function () {
      if (waiting.indexOf(node) < 0 || !doc.contains(node)) { return; }
      if (!mine.call) { press(node); }
      if (!mine.call) { retry(node, PAUSES[0]); }
    }, seconds * 1000);
  }

  ['htmx:sendError', 'htmx:sendAbort', 'htmx:timeout'].forEach(function (name) {
    on(name, function (event) {
      var node = event.detail.elt;
      if (isForm(node) || !node.hasAttribute('hx-trigger')) { again(node, 'Internet terputus'); }
    });
  });
  // At once when the phone says so, which it may say before anything gets through: then the pauses begin anew.
  win.addEventListener('online', function () {
    waiting = waiting.filter(function (node) { return doc.contains(node); });
    waiting.forEach(function (node) { state(node).tries = 0; retry(node, 0); });
    missing.splice(0).forEach(function (ask) { ask(); });
  });

  on('htmx:responseError', function (event) {
    var node = event.detail.elt, status = event.detail.xhr.status;
    say(node, status === 413 ? 'Kiriman terlalu besar. Pilih berkas yang lebih kecil.' :
      'Layanan sedang sibuk. Tunggu sebentar, lalu tekan tombol tadi sekali lagi.');
  });

  on('htmx:beforeSwap', function (event) {
    var detail = event.detail, node = detail.requestConfig.elt, wait = detail.xhr.status === 503 && +detail.xhr.getResponseHeader('Retry-After');
    if (wait && isForm(node) && node.enctype === 'multipart/form-data') {
      detail.isError = false;
      event.preventDefault();
      return again(node, 'Banyak foto sedang diproses', wait + 3 * Math.random());
    }
    // Our own answers start with their title; a page of somebody in between never replaces the step.
    if (!/^\s*<title>/.test(detail.xhr.responseText)) {
      if (detail.shouldSwap && detail.target.id === 'isi') { detail.shouldSwap = false; again(node, 'Jaringan ini belum tersambung ke internet'); }
    } else if (!detail.shouldSwap && detail.xhr.status >= 400) {
      detail.shouldSwap = true;
      detail.isError = false;
    }
  });

  /* -- what was typed is kept by the server, sealed, field by field -- */

  function keep(form, leaving) {
    var mine = state(form), fields = mine.changed || {}, body = [], name, call;
    for (name in fields) { body.push(encodeURIComponent(name) + '=' + encodeURIComponent(fields[name])); }
    if (!body.length) { return; }
    mine.changed = {};
    each('[type=hidden]', function (field) { body.push(encodeURIComponent(field.name) + '=' + encodeURIComponent(field.value)); }, form);
    body = body.join('&');
    if (leaving && navigator.sendBeacon && win.URLSearchParams) { navigator.sendBeacon(form.getAttribute('data-keep'), new URLSearchParams(body)); return; }
    call = new XMLHttpRequest();
    call.open('POST', form.getAttribute('data-keep'));
    call.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
    call.setRequestHeader('Accept', 'application/json');
    call.onload = function () { if (call.status < 300) { say(form, 'Isian tersimpan.', true); } };
    // once more with the next field
    call.onerror = function () { for (name in fields) { if (!(name in mine.changed)) { mine.changed[name] = fields[name]; } } };
    call.send(body);
  }

  on('input', function (event) {
    var field = event.target, form = field.form, mine;
    if (!form || !form.hasAttribute('data-keep') || field.type === 'password' || field.type === 'file' || !field.name) { return; }
    mine = state(form);
    (mine.changed || (mine.changed = {}))[field.name] = field.type === 'checkbox' ? (field.checked ? field.value : '') : field.value;
  });
  on('change', function (event) {
    var form = event.target.form;
    if (event.target.type === 'file' && event.target.hasAttribute('data-many')) {
      withScript(event.target, 'loketPhoto', function () {
        withScript(event.target, 'loketMany', function () { win.loketMany(event.target); }, 'data-many');
      });
    }
    if (form && form.hasAttribute('data-keep')) { clearTimeout(state(form).soon); state(form).soon = setTimeout(function () { keep(form); }, KEEP_AFTER); }
  });
  function keepAll() { each('form[data-keep]', function (form) { keep(form, true); }); }
  on('visibilitychange', function () { if (doc.visibilityState === 'hidden') { keepAll(); } });
  win.addEventListener('pagehide', keepAll);

  /* -- photos: a script comes when it is needed -- */

  // Calls `ready` when win[name] is there, from the address that `node` holds. Without its script a photo that was
  // chosen would lie there unheard: it is asked for until it comes, once for all who want it.
  function withScript(node, name, ready, place) {
    var wanted = coming[name], tries = 0;
    if (win[name]) { ready(); return; }
    coming[name] = { node: node, ready: (wanted ? wanted.ready : []).concat(ready) };
    if (wanted) { return; }
    (function ask() {
      var script = doc.createElement('script'), timer = setTimeout(lost, STALL);
      function again() {
        clearTimeout(timer);
        missing = missing.filter(function (one) { return one !== again; });
        ask();
      }
      function lost() {
        clearTimeout(timer);
        doc.head.removeChild(script);
        if (!doc.contains(coming[name].node)) { coming[name] = null; return; }
        say(doc, 'Internet terputus. Kami coba lagi sendiri. Biarkan halaman ini terbuka.');
        timer = setTimeout(again, PAUSES[Math.min(tries++, PAUSES.length - 1)] * 1000);
        missing.push(again);
      }
      script.nonce = own && own.nonce;
      script.src = node.getAttribute(place || 'data-script');
      script.onload = function () {
        clearTimeout(timer);
        if (tries) { say(doc, ''); }
        coming[name].ready.forEach(function (call) { call(); });
      };
      script.onerror = lost;
      doc.head.appendChild(script);
    }());
  }

  function enlarge(link) {
    var words = find('span', link), before = words && words.textContent;
    if (coming.loketZoom && !win.loketZoom) { return; }
    if (words && !win.loketZoom) { words.textContent = 'Membuka...'; }
    withScript(link, 'loketZoom', function () {
      if (words) { words.textContent = before; }
      if (doc.contains(link)) { win.loketZoom(link); }
    });
  }

  /* -- where the reader is -- */

  function arrive(swapped) {
    var target = find('#isi .error-summary') || (swapped && find('#isi h1')), menu = find('.menu'), photo = find('#isi [data-photo][data-script]');
    if (menu) { menu.open = false; }
    if (target) { target.tabIndex = -1; target.focus(); }
    if (swapped) { win.scrollTo(0, 0); }
    // from the first form on there is something to be told about a lost line
    if (find('#isi [data-keep]') && navigator.serviceWorker && own) {
      navigator.serviceWorker.register(own.getAttribute('data-worker')).catch(function () { /* a private window */ });
    }
    if (photo) { withScript(photo, 'loketPhoto', function () { win.loketPhoto(doc); }); }
    if (own && win.speechSynthesis && win.SpeechSynthesisUtterance) { speechSynthesis.cancel(); each('#isi .head', offerVoice); }
  }

  on('htmx:afterSettle', function (event) { if (event.detail.target && /^(isi|atas)$/.test(event.detail.target.id)) { arrive(true); } });
  arrive(false);

  /* -- read aloud: heading, hints and errors, in the phone's own voice -- */

  function offerVoice(head) {
    if (find('.read', head)) { return; }
    head.insertAdjacentHTML('beforeend', '<button class="read" type="button" data-read><svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true"><path d="M4 9v6h4l5 4V5L8 9zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11"/></svg><span>Bacakan</span></button>');
  }

  function aloud(button) { withScript(own, 'loketAloud', function () { win.loketAloud(button); }, 'data-aloud'); }

  on('click', function (event) {
    var menu = find('.menu[open]'), node = event.target, field;
    if (menu && !menu.contains(node)) { menu.open = false; }
    while (node && node.getAttribute) {
      if (node.type === 'submit' && node.form) { state(node.form).by = node; }
      if (node.hasAttribute('data-print')) { win.print(); }
      if (node.hasAttribute('data-read')) { aloud(node); }
      if (node.hasAttribute('data-zoom') && !event.ctrlKey && !event.metaKey) { event.preventDefault(); enlarge(node); }
      if (node.hasAttribute('data-show')) {
        field = doc.getElementById(node.getAttribute('data-show'));
        field.type = field.type === 'password' ? 'text' : 'password';
        node.firstChild.textContent = field.type === 'password' ? 'Lihat' : 'Tutup';
      }
      node = node.parentNode;
    }
  });

  on('keydown', function (event) {
    var menu = find('.menu[open]'), node = event.target;
    if (event.key === 'Escape' && menu) { menu.open = false; find('summary', menu).focus(); }
    if (event.key === ' ' && node.getAttribute('role') === 'button') { event.preventDefault(); node.click(); }
  });

}(window, document));
