/* Loket, the courier's phone: pages of the day are kept in memory, a signature is drawn, and a note that finds no line
   waits on the phone until there is one. The server knows each note by its number, so sending twice is harmless. */
(function (win, doc) {
  'use strict';

  var KEY = 'loket-kurir', WAIT = 12000, AGAIN = 20000, SIDE = 1400;
  var pages = {}, sending = false;

  function queue() {
    try { return JSON.parse(win.localStorage.getItem(KEY)) || []; } catch (error) { return []; }
  }

  function keep(notes) {
    try { win.localStorage.setItem(KEY, JSON.stringify(notes)); } catch (error) { return false; }
    tell();
    return true;
  }

  function tell(words) {
    var box = doc.getElementById('antrean-kurir'), many = queue().length;
    settle();
    if (!box) { return; }
    box.hidden = !many && !words;
    box.textContent = words || (many ? 'Tanpa sinyal. ' + many + ' catatan tersimpan di HP ini, terkirim sendiri nanti.' : '');
  }

  /* what public.js said of a sending is over, and a form may be sent again */
  function settle() {
    var line = doc.getElementById('kabar');
    if (line) { line.textContent = ''; }
    Array.prototype.forEach.call(doc.forms, function (form) { if (form.loket) { form.loket.sent = false; } });
  }

  function show(text, url) {
    var fresh = new win.DOMParser().parseFromString(text, 'text/html').querySelector('main');
    doc.querySelector('main').replaceWith(doc.adoptNode(fresh));
    if (url) { win.history.pushState({}, '', url); }
    win.scrollTo(0, 0);
    prepare();
    var heading = doc.querySelector('.error-summary, main h1');
    if (heading) { heading.focus(); }
  }

  function ask(url, options) {
    var stop = new win.AbortController(), timer = win.setTimeout(function () { stop.abort(); }, WAIT);
    options = options || {};
    options.signal = stop.signal;
    options.credentials = 'same-origin';
    return win.fetch(url, options).finally(function () { win.clearTimeout(timer); });
  }

  function isDay(answer) { return answer.redirected && /\/petugas\/antar$/.test(new win.URL(answer.url).pathname); }

  /* every page of the day, so that all of it opens without a line; says when one may go where there is none */
  function load() {
    Array.prototype.forEach.call(doc.querySelectorAll('a[data-stop]'), function (link) {
      if (pages[link.href]) { return; }
      ask(link.href).then(function (answer) {
        if (!answer.ok || answer.redirected) { return null; }
        return answer.text().then(function (text) { pages[link.href] = text; ready(); });
      }).catch(function () {});
    });
    ready();
  }

  function ready() {
    var line = doc.getElementById('siap-kurir'), links = doc.querySelectorAll('a[data-stop]');
    var here = Array.prototype.filter.call(links, function (link) { return pages[link.href]; }).length;
    if (!line) { return; }
    line.hidden = !links.length;
    line.textContent = here === links.length ? 'Semua alamat hari ini dapat dibuka tanpa sinyal.'
      : 'Menyimpan alamat di HP ini: ' + here + ' dari ' + links.length + '. Tunggu sebelum berangkat.';
  }

  function blobOf(dataUrl) {
    var parts = dataUrl.split(','), bytes = win.atob(parts[1]), out = new Uint8Array(bytes.length), i;
    for (i = 0; i < bytes.length; i += 1) { out[i] = bytes.charCodeAt(i); }
    return new win.Blob([out], { type: 'image/jpeg' });
  }

  /* a photo of the slip, small enough to wait on the phone */
  function small(file, then) {
    var picture = new win.Image(), url = win.URL.createObjectURL(file);
    picture.onload = function () {
      var share = Math.min(1, SIDE / Math.max(picture.width, picture.height)), canvas = doc.createElement('canvas');
      canvas.width = Math.round(picture.width * share);
      canvas.height = Math.round(picture.height * share);
      canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
      win.URL.revokeObjectURL(url);
      then(canvas.toDataURL('image/jpeg', 0.75));
    };
    picture.onerror = function () { then(''); };
    picture.src = url;
  }

  function body(note, token) {
    var data = new win.FormData();
    note.fields.forEach(function (pair) { data.append(pair[0], pair[0] === 'csrf_token' && token ? token : pair[1]); });
    if (note.slip) { data.append('slip', blobOf(note.slip), 'slip.jpg'); }
    return data;
  }

  function send(note) {
    ask(note.url, { method: 'POST', body: body(note) }).then(function (answer) {
      return answer.text().then(function (text) {
        if (isDay(answer)) { pages = {}; pages[answer.url] = text; show(text, answer.url); load(); return; }
        if (answer.redirected || answer.status >= 500) { later(note); return; }
        show(text);
      });
    }).catch(function () { later(note); });
  }

  function later(note) {
    if (!keep(queue().concat([note]))) {
      tell('HP ini tidak dapat menyimpan catatan. Jangan tutup halaman, cari sinyal, lalu simpan lagi.');
      return;
    }
    var day = doc.querySelector('.top .brand').href;
    if (pages[day]) { show(pages[day], day); } else { tell(); }
  }

  /* what waits on the phone is done as far as the courier can do it */
  function mark() {
    var waiting = queue();
    Array.prototype.forEach.call(doc.querySelectorAll('.stops a[data-stop]'), function (link) {
      var path = new win.URL(link.href).pathname + '/', line = link.parentNode, said = link.querySelector('.badge');
      if (!waiting.some(function (note) { return note.url.indexOf(path) !== -1; })) { return; }
      line.className = 'done';
      if (!said) { said = link.lastElementChild.appendChild(doc.createElement('em')); }
      said.className = 'badge warning';
      said.textContent = 'Tersimpan di HP ini';
    });
  }

  function flush() {
    var notes = queue();
    if (sending || !notes.length || win.navigator.onLine === false) { return; }
    sending = true;
    ask(doc.querySelector('.top .brand').href).then(function (answer) {
      if (answer.redirected) { tell('Masuk lagi supaya ' + notes.length + ' catatan dapat terkirim.'); throw new Error(); }
      return answer.text();
    }).then(function (text) {
      var token = new win.DOMParser().parseFromString(text, 'text/html').querySelector('[name=csrf_token]').value;
      return ask(notes[0].url, { method: 'POST', body: body(notes[0], token) });
    }).then(function (answer) {
      return answer.text().then(function (text) {
        if (answer.status >= 500) { return; }
        keep(queue().slice(1));
        sending = false;
        if (isDay(answer)) { refresh(text, answer.url); flush(); } else { show(text, notes[0].url.replace(/\/[^\/]*$/, '')); }
      });
    }).catch(function () {}).finally(function () { sending = false; });
  }

  /* the day as it is now, unless a form is being filled in */
  function refresh(text, url) {
    pages = {};
    pages[url] = text;
    if (/\/petugas\/antar$/.test(win.location.pathname)) { show(text); }
    load();
  }

  function draw(canvas) {
    var pen = canvas.getContext('2d'), field = doc.getElementById(canvas.getAttribute('data-sign')), down = false;
    function at(event) {
      var box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
    }
    function clean() { pen.fillStyle = 'white'; pen.fillRect(0, 0, canvas.width, canvas.height); field.value = ''; }
    pen.lineWidth = 5;
    pen.lineCap = 'round';
    canvas.addEventListener('pointerdown', function (event) {
      down = true;
      canvas.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo.apply(pen, at(event));
    });
    canvas.addEventListener('pointermove', function (event) {
      if (down) { pen.lineTo.apply(pen, at(event)); pen.stroke(); }
    });
    canvas.addEventListener('pointerup', function () { down = false; field.value = canvas.toDataURL('image/png'); });
    doc.querySelector('[data-clear="' + canvas.id + '"]').addEventListener('click', clean);
    clean();
  }

  function prepare() {
    Array.prototype.forEach.call(doc.querySelectorAll('canvas[data-sign]'), draw);
    Array.prototype.forEach.call(doc.querySelectorAll('form[data-queue]'), function (form) {
      form.addEventListener('submit', function (event) {
        var note = { url: form.action, fields: [], slip: '' }, file = form.querySelector('[type=file]');
        event.preventDefault();
        form.querySelector('[name=happened_at]').value = new Date().toISOString();
        new win.FormData(form).forEach(function (value, name) {
          if (typeof value === 'string') { note.fields.push([name, value]); }
        });
        if (!file || !file.files.length) { send(note); return; }
        small(file.files[0], function (dataUrl) { note.slip = dataUrl; send(note); });
      });
    });
    mark();
    tell();
  }

  doc.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('a[data-stop]');
    if (link && pages[link.href]) { event.preventDefault(); show(pages[link.href], link.href); }
  });
  win.addEventListener('popstate', function () {
    if (pages[win.location.href]) { show(pages[win.location.href]); } else { win.location.reload(); }
  });
  win.addEventListener('online', flush);
  win.setInterval(flush, AGAIN);
  pages[win.location.href] = doc.documentElement.outerHTML;
  prepare();
  load();
  flush();
}(window, document));
