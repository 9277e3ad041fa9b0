/* Loket, where a photo is asked for. ES5. Loaded by public.js when such a part is on the page; what is rare has a
   script of its own: zoom.js, many.js.
   A chosen photo is made small, judged by the thresholds of the server, shown from memory and sent at once.
   What this file cannot do (old engine, lying canvas, no memory), the server does with the original. */
(function (win, doc) {
  'use strict';
  var LONG_SIDE = 1600, AIM = 190 * 1024, QUALITIES = [0.8, 0.7, 0.6, 0.5], PATIENCE = 8000;
  var STALL = 20000, SLOWEST = 2500, PAUSES = [3, 9, 20, 40, 60], HEAD = 256 * 1024, READ_WHOLE = 16 * 1024 * 1024;
  var ICONS = { camera: 'M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z', gallery: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01', zoom: 'M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM14.5 14.5L20 20M10 7.5v5M7.5 10h5' };
  var hits = {}, lies, table = win.TABLE;  // thresholds and words of app/registration/photo_page.py

  function find(selector, root) { return root.querySelector(selector); }
  function show(node, on) { if (node) { node.hidden = !on; } }
  function text(node, words) { if (node) { node.textContent = words; } }
  function make(tag, words, kind) { var node = doc.createElement(tag); if (words) { node.textContent = words; } if (kind) { node.className = kind; } return node; }

  function draw(node, icon) {
    node.insertAdjacentHTML('afterbegin', '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true"><path d="' + ICONS[icon] + '"/></svg>');
  }

  // Calls done once, with what `work` gives or, after PATIENCE, with null.
  function bounded(work, done) {
    var over = false, timer = setTimeout(function () { give(null); }, PATIENCE);
    function give(value) { if (!over) { over = true; clearTimeout(timer); done(value); } }
    try { work(give); } catch (broken) { give(null); }
  }

  /* -- what the file is -- */

  // {kind, turn (EXIF, 1 to 8), width, height, ended}; kind '' for what is no photo we take.
  function look(bytes, whole) {
    var view = new DataView(bytes.buffer), found = { kind: '', turn: 1, ended: true }, at, size, name;
    function ascii(from, to) { return String.fromCharCode.apply(null, bytes.subarray(from, to)); }
    function turn(from) {
      var little = ascii(from, from + 2) === 'II', entry, count, n;
      entry = from + view.getUint32(from + 4, little);
      count = view.getUint16(entry, little);
      for (n = 0; n < count; n++) {
        if (view.getUint16(entry + 2 + 12 * n, little) === 274) { found.turn = view.getUint16(entry + 10 + 12 * n, little); }
      }
    }
    try {
      if (bytes[0] === 255 && bytes[1] === 216 && bytes[2] === 255) {
        found.kind = 'jpeg';
        for (at = 2; bytes[at] === 255 && bytes[at + 1] !== 218; at += 2 + view.getUint16(at + 2)) {
          if (bytes[at + 1] === 225 && ascii(at + 4, at + 8) === 'Exif') { turn(at + 10); }
          if (bytes[at + 1] >= 192 && bytes[at + 1] <= 194) { found.height = view.getUint16(at + 5); found.width = view.getUint16(at + 7); }
        }
        if (whole) {
          found.ended = false;
          for (; at < bytes.length - 1 && at >= 0; at = bytes.indexOf(255, at + 1)) { if (bytes[at + 1] === 217) { found.ended = true; break; } }
        }
      } else if (view.getUint32(0) === 0x89504e47) {
        found.kind = 'png';
        found.width = view.getUint32(16); found.height = view.getUint32(20);
        for (at = 8; at + 8 < bytes.length; at += 12 + view.getUint32(at)) { if (ascii(at + 4, at + 8) === 'eXIf') { turn(at + 8); } }
      } else if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') {
        found.kind = 'webp';
        for (at = 12; at + 8 < bytes.length; at += 8 + size + size % 2) {
          size = view.getUint32(at + 4, true); name = ascii(at, at + 4);
          if (name === 'VP8X') { found.width = 1 + (view.getUint32(at + 12, true) & 0xffffff); found.height = 1 + (view.getUint32(at + 14, true) >>> 8); }
          if (name === 'EXIF') { turn(at + 8 + (ascii(at + 8, at + 12) === 'Exif' ? 6 : 0)); }
        }
      } else if (ascii(4, 8) === 'ftyp') { found.kind = 'heif'; }
    } catch (short) { /* the rest of the head is missing: what was found counts */ }
    return found;
  }

  function read(file, done) {
    var whole = file.size <= READ_WHOLE, reader = new FileReader();
    reader.onload = function () { done(look(new Uint8Array(reader.result), whole)); };
    reader.onerror = function () { done(null); };
    reader.readAsArrayBuffer(whole ? file : file.slice(0, HEAD));
  }

  /* -- smaller -- */

  // A canvas may be forbidden to tell the truth (resistFingerprinting): draw what is known, read it back.
  function canvasLies() {
    var canvas, pen, seen, x, wrong = 0;
    if (lies !== undefined) { return lies; }
    lies = true;
    try {
      canvas = doc.createElement('canvas');
      canvas.width = canvas.height = 8;
      pen = canvas.getContext('2d');
      for (x = 0; x < 8; x++) { pen.fillStyle = 'rgb(' + 30 * x + ',' + (240 - 30 * x) + ',' + (x % 2 ? 200 : 40) + ')'; pen.fillRect(x, 0, 1, 8); }
      seen = pen.getImageData(0, 0, 8, 8).data;
      for (x = 0; x < 64; x++) {
        if (Math.abs(seen[4 * x] - 30 * (x % 8)) > 8 || Math.abs(seen[4 * x + 2] - (x % 2 ? 200 : 40)) > 8) { wrong++; }
      }
      lies = wrong > 0;
    } catch (forbidden) { lies = true; }
    return lies;
  }

  // Before Chrome 90, and in Safari, createImageBitmap does not turn the picture.
  function decode(file, done) {
    var chrome = /Chrom(?:e|ium)\/(\d+)/.exec(navigator.userAgent), image, url;
    if (win.createImageBitmap && chrome && +chrome[1] >= 90) { return createImageBitmap(file).then(done, function () { done(null); }); }
    image = new Image();
    url = URL.createObjectURL(file);
    image.onload = function () { image.onload = image.onerror = null; done(image); URL.revokeObjectURL(url); };
    image.onerror = function () { image.onload = image.onerror = null; done(null); URL.revokeObjectURL(url); };
    image.src = url;
  }

  // How the source still has to be turned: 1 when the engine did it, 0 when nobody can tell.
  function turnLeft(source, facts) {
    var width = source.naturalWidth || source.width, height = source.naturalHeight || source.height;
    if (facts.turn === 1 || !(facts.turn > 1 && facts.turn < 9)) { return 1; }
    if (facts.turn > 4 && facts.width && facts.width !== facts.height) { return width === facts.height && height === facts.width ? 1 : facts.turn; }
    if (facts.kind !== 'jpeg') { return 0; }
    return win.CSS && CSS.supports && CSS.supports('image-orientation', 'from-image') ? 1 : facts.turn;
  }

  function drawn(source, longSide, turn) {
    var width = source.naturalWidth || source.width, height = source.naturalHeight || source.height;
    var scale = Math.min(1, longSide / Math.max(width, height)), canvas = doc.createElement('canvas'), pen = canvas.getContext('2d');
    var w = Math.max(1, Math.round(width * scale)), h = Math.max(1, Math.round(height * scale));
    canvas.width = turn > 4 ? h : w;
    canvas.height = turn > 4 ? w : h;
    pen.imageSmoothingQuality = 'high';
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    if (turn > 1) { pen.transform.apply(pen, [[-1, 0, 0, 1, w, 0], [-1, 0, 0, -1, w, h], [1, 0, 0, -1, 0, h], [0, 1, 1, 0, 0, 0], [0, 1, -1, 0, h, 0], [0, -1, -1, 0, h, w], [0, -1, 1, 0, 0, w]][turn - 2]); }
    pen.drawImage(source, 0, 0, w, h);
    return canvas;
  }

  function drop(canvas) { canvas.width = canvas.height = 0; }

  // The best quality that keeps the file small enough for a bad line, never below what keeps a NIK readable.
  function pack(canvas, done) {
    var step = 0;
    function next() {
      canvas.toBlob(function (blob) {
        if (blob && blob.size > AIM && ++step < QUALITIES.length) { return next(); }
        done(blob);
      }, 'image/jpeg', QUALITIES[step]);
    }
    next();
  }

  // done({blob, gray}) or done(null) when only the original can be sent.
  function prepare(file, facts, rules, done) {
    if (canvasLies()) { return done(null); }
    bounded(function (give) {
      decode(file, function (source) {
        var turn, canvas, small, gray = null;
        if (!source) { return give(null); }
        try {
          turn = turnLeft(source, facts);
          if (!turn) { return give(null); }
          canvas = drawn(source, LONG_SIDE, turn);
          if (source.close) { source.close(); }
          if (rules) { small = drawn(canvas, table.at.side, 1); gray = grayOf(small); drop(small); }
          if (file.size <= AIM && facts.turn === 1) { drop(canvas); return give({ blob: file, gray: gray }); }
          pack(canvas, function (blob) { drop(canvas); give(blob && { blob: blob.size < file.size || facts.turn !== 1 ? blob : file, gray: gray }); });
        } catch (broken) { give(null); }
      });
    }, done);
  }

  /* -- judging, as app/photos/quality.py does -- */

  function grayOf(canvas) {
    var width = canvas.width, height = canvas.height, data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
    var levels = new Float32Array(width * height), i;
    for (i = 0; i < levels.length; i++) { levels[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]; }
    return { width: width, height: height, levels: levels };
  }

  function smooth(gray) {  // Gaussian of radius 0.8: 0.0276 0.2338 0.4772 and back, along both axes
    var w = gray.width, h = gray.height, from = gray.levels, to, pass, step, i, n = w * h;
    for (pass = 0; pass < 2; pass++) {
      to = new Float32Array(n);
      step = pass ? w : 1;
      for (i = 0; i < n; i++) {
        to[i] = 0.4772 * from[i] + 0.2338 * ((i - step >= 0 ? from[i - step] : from[i]) + (i + step < n ? from[i + step] : from[i])) +
          0.0276 * ((i - 2 * step >= 0 ? from[i - 2 * step] : from[i]) + (i + 2 * step < n ? from[i + 2 * step] : from[i]));
      }
      from = to;
    }
    return from;
  }

  function sharpness(gray) {
    var w = gray.width, h = gray.height, soft = smooth(gray), across = Math.floor((w - 2) / 4), down = Math.floor((h - 2) / 4), found = [];
    var tx, ty, x, y, i, edge, sum, squares, n = across * down;
    for (ty = 0; ty < 4; ty++) {
      for (tx = 0; tx < 4; tx++) {
        sum = squares = 0;
        for (y = 1 + ty * down; y < 1 + (ty + 1) * down; y++) {
          for (x = 1 + tx * across; x < 1 + (tx + 1) * across; x++) {
            i = y * w + x;
            edge = Math.max(-256, Math.min(254, soft[i - 1] + soft[i + 1] + soft[i - w] + soft[i + w] - 4 * soft[i]));
            sum += edge;
            squares += edge * edge;
          }
        }
        found.push(squares / n - sum / n * (sum / n));
      }
    }
    found.sort(function (a, b) { return b - a; });
    return (found[0] + found[1] + found[2] + found[3]) / 4;
  }

  function hashBits(gray) {
    var bits = [], means = [], row, column, x, y, sum, n;
    for (row = 0; row < 8; row++) {
      for (column = 0; column < 9; column++) {
        sum = n = 0;
        for (y = Math.floor(row * gray.height / 8); y < (row + 1) * gray.height / 8; y++) {
          for (x = Math.floor(column * gray.width / 9); x < (column + 1) * gray.width / 9; x++) { sum += gray.levels[y * gray.width + x]; n++; }
        }
        means[column] = sum / n;
      }
      for (column = 0; column < 8; column++) { bits.push(means[column] < means[column + 1] ? 1 : 0); }
    }
    return bits;
  }

  function apart(bits, hex) {
    var n, different = 0;
    for (n = 0; n < 64; n++) { different += bits[n] !== (parseInt(hex.charAt(n >> 2), 16) >> (3 - n % 4) & 1) ? 1 : 0; }
    return different;
  }

  // Three sentences of the table, or null.
  function judge(gray, rules) {
    var counts = [], at = table.at, total = gray.levels.length, mean = 0, i, left, bits = hashBits(gray), words, name, dark;
    for (i = 0; i < 256; i++) { counts[i] = 0; }
    for (i = 0; i < total; i++) { counts[Math.round(gray.levels[i])]++; mean += gray.levels[i]; }
    function share(from) { for (left = 0, i = from; i < 256; i++) { left += counts[i]; } return left / total; }
    for (name in rules.others) {
      if (apart(bits, rules.others[name]) <= table.same) {
        words = table.words.sama;
        return [words[0].replace('{other}', name), words[1].replace('{other}', name), words[2]];
      }
    }
    dark = mean / total < at.mean || share(Math.round(at.bright)) <= 0.05;
    if (dark) { return table.words.gelap; }
    if (rules.card && sharpness(gray) < at.sharp) { return table.words.buram; }
    return rules.card && share(at.glare_level) > at.glare_share ? table.words.silau : null;
  }

  /* -- the part of the page -- */

  // What is shown of a chosen photo. The slot keeps its height, so the buttons never move. Made here: where no script
  // runs, and in browsers that do not know `hidden`, it would say what is not so.
  function lookFor(rules) {
    var look = make('div'), tag = rules.next ? 'a' : 'button', use;
    look.hidden = true;
    look.innerHTML = '<a class="shot" href="#"><img><span>Perbesar</span></a><div class="slot"></div><ul class="saved" hidden></ul>' +
      '<div class="acts"><' + tag + ' class="btn" data-use>Pakai foto ini</' + tag + '><button class="btn plain" type="button" data-again>Ulangi foto</button></div>' +
      '<p class="hint" data-note></p><p class="vh" role="status" data-say></p>';
    find('.shot', look).setAttribute('data-zoom', rules.label);
    find('.shot', look).setAttribute('data-script', table.zoom);
    find('img', look).alt = rules.label + ' yang Anda pilih';
    use = find('[data-use]', look);
    if (rules.next) {
      use.setAttribute('role', 'button');
      use.href = rules.next;
      use.setAttribute('hx-get', rules.next);
      use.setAttribute('hx-push-url', 'true');
    } else { use.type = 'button'; }
    return look;
  }

  function setUp(part) {
    var form = part.tagName === 'FORM' ? part : null, rules = JSON.parse(part.getAttribute('data-photo'));
    var seen = part.appendChild(lookFor(rules)), choose = find('[data-choose]', part), slot = find('.slot', part), use = find('[data-use]', part);
    var again = find('[data-again]', part), note = find('[data-note]', part), saved = find('.saved', part), photo = find('.shot', part);
    var head = find('#isi h1', doc), asked = head.textContent, turn = 0, lastInput, url, blob, attempt, request, timer, tries, percent = 0;
    var stored = false, waiting = false, mode = '', key = (form ? form.action : 'inside') + rules.kind;

    if (win.htmx) { htmx.process(seen); }
    draw(find('[for=photo-camera]', part), 'camera');
    draw(find('[for=photo-gallery]', part), 'gallery');
    draw(again, 'camera');
    draw(photo.lastChild, 'zoom');

    // whoever was told that the photo is poor and sends it all the same is not told again by the server
    function insist() {
      var field = part.parentNode && find('[data-despite]', doc);
      if (field) { field.value = 'ya'; }
    }

    function say(words) { text(find('[data-say]', part), words); }
    function title(words) { text(head, words); doc.title = words + doc.title.substring(doc.title.indexOf(' - ')); }

    function face(first, second, equal) {
      use.className = 'btn' + (first === use && !equal ? '' : ' plain');
      again.className = 'btn' + (first === again && !equal ? '' : ' plain');
      part.className = part.className.replace(/ ?equal/, '') + (equal ? ' equal' : '');
      first.parentNode.insertBefore(first, first.parentNode.firstChild);
    }

    function busy(on) {
      use.className = use.className.replace(/ ?busy/, '') + (on ? ' busy' : '');
      text(use, on ? 'Pakai foto ini, menunggu...' : mode === 'verdict' ? 'Pakai saja' : mode === 'lost' ? 'Coba kirim sekarang' : 'Pakai foto ini');
    }

    function box(heading, words) {
      var frame = make('div', '', 'box warn');
      frame.appendChild(make('h2', heading));
      frame.appendChild(make('p', words));
      slot.textContent = '';
      slot.appendChild(frame);
    }

    function line(words, number) {
      var row = make('p', '', 'sending'), bar;
      slot.textContent = '';
      row.appendChild(make('b', words));
      if (number < 100) { row.appendChild(make('b', number + '%')); }
      slot.appendChild(row);
      if (number === undefined) { return; }
      bar = make('progress');
      bar.max = 100;
      if (number < 100) { bar.value = number; }  // all has left: the bar moves without a number
      bar.setAttribute('aria-label', 'Foto yang sudah keluar dari HP, dalam persen');
      slot.appendChild(bar);
      slot.appendChild(make('p', waiting ? 'Setelah terkirim, kami lanjut sendiri.' : rules.look, 'hint'));
    }

    function list(on) {
      saved.textContent = '';
      show(saved, on && rules.saved);
      (on && rules.saved || []).concat(on ? [''] : []).forEach(function (label) {
        var row = make('li', label || rules.label);
        row.appendChild(make('b', label ? 'Tersimpan' : 'Belum' + (percent ? ', berhenti di ' + percent + '%' : ''), label ? 'good' : 'not'));
        saved.appendChild(row);
      });
    }

    // which photo was on its way, and no more, for a tab that the phone kills; gone with the tab
    function unsent(on) {
      try { if (on) { win.sessionStorage.setItem('loket-foto', rules.kind); } else { win.sessionStorage.removeItem('loket-foto'); } } catch (closed) { /* then nothing is said */ }
    }

    function wasUnsent() {
      try { return win.sessionStorage.getItem('loket-foto') === rules.kind; } catch (closed) { return false; }
    }

    function to(next) {
      mode = next;
      if (form) { unsent(next === 'sending' || next === 'lost' || next === 'preparing'); }
      list(next === 'lost');
      part.className = part.className.replace(/ ?lost/, '') + (next === 'lost' ? ' lost' : '');
      title(next === 'lost' ? 'Belum terkirim' : rules.ask);
      text(note, '');
    }

    function lookAt(picture) {
      if (url) { URL.revokeObjectURL(url); }
      url = picture && URL.createObjectURL(picture);
      show(photo, !!picture);
      if (picture) { photo.href = url; find('img', photo).src = url; find('img', photo).onerror = function () { show(photo, false); }; }
      show(choose, false);
      show(seen, true);
      win.scrollTo(0, 0);
    }

    function stop() {
      clearTimeout(timer);
      if (request) { request.onload = request.onerror = request.onabort = null; request.abort(); request = null; }
    }

    function refuse(words) {
      var error = find('#photo-error', part);
      stop();
      mode = '';
      title(asked);
      show(seen, false);
      show(choose, true);
      text(error, words);
      error.className = 'error';
      show(error, true);
      error.tabIndex = -1;
      error.focus();
      if (lastInput) { lastInput.value = ''; }
    }

    function verdict(words, sent) {
      var count = hits[key] = (hits[key] || 0) + 1, second = count > 1;
      to('verdict');
      waiting = false;
      box(words[second ? 1 : 0], words[2]);
      face(again, use, second);
      busy(false);
      text(note, second ? 'Jika petugas tidak dapat membacanya, Anda diminta memfoto lagi lewat WhatsApp.' :
        sent ? 'Foto ini sudah tersimpan.' : 'Foto ini belum dikirim.');
      say(words[second ? 1 : 0] + '. ' + words[2] + ' ' + note.textContent);
    }

    function good() {
      to('stored');
      face(use, again);
      busy(false);
      slot.textContent = '';
      slot.appendChild(make('p', rules.label + (form ? ' tersimpan.' : ' siap dikirim.'), 'stored'));
      slot.appendChild(make('p', form ? rules.use : 'Foto ikut terkirim bersama isian.', 'hint'));
      say(slot.firstChild.textContent);
    }

    function sending(number) {
      if (number < percent && number) { return; }
      if (number && Math.floor(number / 25) > Math.floor(percent / 25)) { say('Mengirim foto, ' + (number - number % 25) + '%'); }
      percent = number;
      line(number === 100 ? 'Menunggu jawaban...' : 'Mengirim foto...', number);
    }

    function lost(reason, seconds) {
      var left = Math.ceil(seconds || PAUSES[Math.min(tries++, PAUSES.length - 1)]);
      if (mode !== 'lost') { say('Belum terkirim. ' + reason + '. Kami coba lagi sendiri.'); }
      to('lost');
      face(use, again);
      busy(false);
      text(note, rules.saved ? 'Jika halaman tertutup, hanya foto ini yang perlu diulang.' : '');
      (function tick() {
        box(reason, 'Kami coba lagi sendiri dalam ' + left + ' detik, lalu terus sampai terkirim. Biarkan halaman ini terbuka.');
        if (left-- <= 0) { return send(); }
        timer = setTimeout(tick, 1000);
      }());
    }

    function answered(call) {
      var data = null;
      try { data = JSON.parse(call.responseText); } catch (foreign) { /* a page of somebody in between */ }
      if (data && data.go) { win.location.href = data.go; return; }
      if (call.status === 503 && +call.getResponseHeader('Retry-After')) {
        return lost('Banyak foto sedang diproses', +call.getResponseHeader('Retry-After') + 3 * Math.random());
      }
      if (data && data.stored) {
        stored = true;
        if (waiting) { busy(false); return use.click(); }
        return data.words ? verdict(data.words, true) : good();
      }
      if (data && data.error && call.status < 500) { return refuse(data.error); }
      if (call.status === 413) { return refuse(table.no.large); }
      lost(call.status >= 500 ? 'Layanan sedang sibuk' : 'Internet terputus');
    }

    function send() {
      var body = new FormData(), fields = form.querySelectorAll('input[type=hidden]'), i, call = new XMLHttpRequest(), total = blob.size;
      stop();
      clearTimeout(timer);
      for (i = 0; i < fields.length; i++) { body.append(fields[i].name, fields[i].name === 'upload_id' ? attempt : fields[i].value); }
      body.append('photo', blob, 'foto.jpg');
      function watch(time) {
        clearTimeout(timer);
        timer = setTimeout(function () { if (request === call) { stop(); lost('Internet terputus'); } }, time);
      }
      to('sending');
      face(use, again);
      percent = 0;
      sending(0);
      busy(waiting);
      request = call;
      call.open('POST', form.action);
      call.setRequestHeader('Accept', 'application/json');
      // No browser tells what has arrived, only what has left it. So the number is of what is being sent, at its end we
      // wait for the answer, and "terkirim" or "tersimpan" is said by that alone.
      call.upload.onprogress = function (event) {
        if (event.lengthComputable) { sending(Math.floor(100 * event.loaded / event.total)); }
        watch(event.loaded < event.total ? STALL : STALL + 1000 * total / SLOWEST);
      };
      call.onload = function () { clearTimeout(timer); request = null; answered(call); };
      call.onerror = call.onabort = function () { clearTimeout(timer); request = null; lost('Internet terputus'); };
      watch(STALL);
      call.send(body);
    }

    function go(picture) {
      blob = picture;
      attempt = String(Math.random()).slice(2) + Date.now().toString(36);
      tries = 0;
      if (!form) { replace(lastInput, picture); return good(); }
      say('Mengirim foto');
      send();
    }

    function chosen(input) {
      var file = input.files[0], mine = ++turn;
      if (!file) { return; }
      lastInput = input;
      stop();
      stored = waiting = false;
      show(find('#photo-error', part), false);
      if (!file.size) { return refuse(table.no.empty); }
      to('preparing');
      lookAt(null);
      line('Menyiapkan foto...');
      face(use, again);
      busy(false);
      bounded(function (give) { read(file, give); }, function (facts) {
        if (mine !== turn) { return; }
        if (facts && !facts.kind) { return refuse(table.no.other); }
        if (facts && !facts.ended) { return refuse(table.no.damaged); }
        if (facts && facts.width && Math.max(facts.width, facts.height) < table.min) { return refuse(table.no.small); }
        prepare(file, facts || { turn: 1, kind: 'jpeg' }, rules, function (made) {
          var words;
          if (mine !== turn) { return; }
          if (!made && file.size > table.max) { return refuse(table.no.large); }
          // HEIC is shown by few: then the words have to do
          lookAt(made ? made.blob : file);
          blob = made ? made.blob : file;
          words = made && made.gray ? judge(made.gray, rules) : null;
          if (words) { return verdict(words, false); }
          go(blob);
        });
      });
    }

    part.addEventListener('change', function (event) {
      var inputs = part.querySelectorAll('input[type=file]'), i;
      if (event.target.type !== 'file') { return; }
      for (i = 0; i < inputs.length; i++) { if (inputs[i] !== event.target) { inputs[i].value = ''; } }
      event.stopPropagation();
      chosen(event.target);
    });

    again.addEventListener('click', function () {
      stop();
      lastInput.value = '';
      lastInput.click();
    });

    // who leaves the camera again finds both ways to a photo
    part.addEventListener('cancel', function (event) {
      if (event.target.type === 'file' && !seen.hidden && !stored) { stop(); mode = ''; turn++; show(seen, false); show(choose, true); title(asked); }
    }, true);

    use.addEventListener('click', function (event) {
      if (stored) { return; }
      event.preventDefault();
      event.stopPropagation();
      if (mode === 'verdict' && !form) { replace(lastInput, blob); insist(); return good(); }
      if (mode === 'verdict') { waiting = true; return go(blob); }
      if (mode === 'lost') { return send(); }
      if (mode === 'sending') { waiting = true; sending(percent); }
      busy(mode === 'sending');
    }, true);

    if (form && wasUnsent()) {
      unsent(false);
      text(find('[data-unsent]', part), rules.label + ' tadi belum terkirim. Ambil atau pilih lagi fotonya.');
      show(find('[data-unsent]', part), true);
    }
    if (form) { form.addEventListener('submit', function (event) { event.preventDefault(); }); }
    // on a slow line the photo may have been chosen before this script was there to hear it
    Array.prototype.forEach.call(part.querySelectorAll('input[type=file]'), function (input) { if (input.files && input.files.length && !lastInput) { chosen(input); } });
    // it may be said before anything gets through: then the pauses begin anew
    win.addEventListener('online', function () { tries = 0; if (mode === 'lost' && doc.contains(part)) { send(); } });
    win.addEventListener('offline', function () { if (mode === 'sending' && doc.contains(part)) { stop(); lost('Internet terputus'); } });
  }

  // Put the small photo in place of the original, so that a plain POST sends it too.
  function replace(input, blob) {
    try {
      var bag = new DataTransfer();
      bag.items.add(new File([blob], 'foto.jpg', { type: blob.type || 'image/jpeg' }));
      input.files = bag.files;
    } catch (old) { /* the original goes */ }
  }

  win.loketPhoto = function (root) {
    var parts = root.querySelectorAll('[data-photo]'), i;
    for (i = 0; i < parts.length; i++) { if (!parts[i].ready) { parts[i].ready = true; setUp(parts[i]); } }
  };
  win.loketPhoto.read = read;
  win.loketPhoto.prepare = prepare;
  win.loketPhoto(doc);
}(window, document));
