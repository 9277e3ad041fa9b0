/* Loket, every page. ES5. Everything works without this file: it makes photos smaller before they
   travel, tells how sending goes, tries again when the line breaks, and moves the focus after a swap. */
(function (win, doc) {
  'use strict';
  var LONG_SIDE = 1600, QUALITY = 0.8, SMALL_ENOUGH = 300 * 1024, WAITS = [3, 9], MOST_WAITS = 6;
  var LOST = 'Belum terkirim karena sambungan terputus. Isian dan foto Anda masih ada di halaman ini. Tekan tombol sekali lagi.';

  function find(selector, root) { return (root || doc).querySelector(selector); }
  function on(name, handle, capture) { doc.addEventListener(name, handle, capture); }
  function state(form) { return form.loket || (form.loket = { turn: 0, tries: 0, told: 0 }); }
  function say(form, text) { var line = find('.status', form); if (line) { line.textContent = text; } }
  function press(form) { var button = state(form).by || find('[type=submit]', form); if (button) { button.disabled = false; button.click(); } }

  /* -- photos -- */

  // Only where the browser turns the picture upright itself: a canvas loses the EXIF orientation for ever.
  function canShrink(file) {
    return /^image\/(jpeg|png|webp)$/.test(file.type) && file.size > SMALL_ENOUGH &&
      win.CSS && CSS.supports && CSS.supports('image-orientation', 'from-image');
  }

  // Calls done(blob), or done(null) when the original is to be sent.
  function shrink(file, done) {
    var chrome = /Chrom(?:e|ium)\/(\d+)/.exec(navigator.userAgent), image, url;
    function give(blob) { done(blob && blob.size < file.size ? blob : null); }
    function draw(source) {
      try {
        var width = source.naturalWidth || source.width, height = source.naturalHeight || source.height;
        var scale = Math.min(1, LONG_SIDE / Math.max(width, height));
        var canvas = doc.createElement('canvas'), pen = canvas.getContext('2d');
        canvas.width = Math.round(width * scale);
        canvas.height = Math.round(height * scale);
        pen.fillStyle = '#fff';
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(source, 0, 0, canvas.width, canvas.height);
        if (source.close) { source.close(); }
        canvas.toBlob(function (blob) { canvas.width = canvas.height = 0; give(blob); }, 'image/jpeg', QUALITY);
      } catch (broken) { give(null); }
    }
    if (!canShrink(file)) { return give(null); }
    // Before Chrome 90, and in Safari, createImageBitmap does not turn the picture
    if (win.createImageBitmap && chrome && +chrome[1] >= 90) {
      return createImageBitmap(file).then(draw, function () { give(null); });
    }
    image = new Image();
    url = URL.createObjectURL(file);
    function settle(next, value) {
      return function () { image.onload = image.onerror = null; next(value); URL.revokeObjectURL(url); };
    }
    image.onload = settle(draw, image);
    image.onerror = settle(give, null);
    image.src = url;
  }

  // Put the small photo in place of the original, so that a plain POST sends it too.
  function replace(input, blob) {
    try {
      var box = new DataTransfer();
      box.items.add(new File([blob], 'foto.jpg', { type: 'image/jpeg' }));
      input.files = box.files;
      return true;
    } catch (old) { return false; }
  }

  function preview(form, blob) {
    var shot = find('.shot', form), image = find('img', shot), url;
    shot.hidden = !blob;
    if (!blob) { return; }
    url = URL.createObjectURL(blob);
    function settle(event) {
      URL.revokeObjectURL(url);
      shot.hidden = event.type === 'error';  // HEIC is taken, but most browsers cannot show it
      find('.acts', form).scrollIntoView(false);  // the next button is below the fold of a phone
    }
    image.onload = image.onerror = settle;
    image.src = url;
  }

  function chosen(input) {
    var form = input.form, file = input.files[0], own = state(form), turn = ++own.turn, i;
    var inputs = form.querySelectorAll('input[type=file]');
    for (i = 0; i < inputs.length; i++) { if (inputs[i] !== input && file) { inputs[i].value = ''; } }
    own.tries = 0;
    preview(form, null);
    own.busy = !!file;
    if (!file) { own.waiting = false; return say(form, ''); }
    say(form, 'Menyiapkan foto...');
    shrink(file, function (blob) {
      if (turn !== own.turn) { return; }  // another photo was chosen meanwhile
      own.busy = false;
      // the original is never shown: it would be decoded once more, on a phone short of memory
      if (blob && replace(input, blob)) { preview(form, blob); } else if (file.size <= SMALL_ENOUGH) { preview(form, file); }
      say(form, 'Foto siap (' + Math.max(1, Math.round(input.files[0].size / 1024)) + ' KB). Tekan Lanjut untuk mengirim.');
      if (own.waiting) { own.waiting = false; press(form); }
    });
  }

  // Several files in one input: each photo made smaller in turn, everything else kept as it is.
  function chosenMany(input) {
    var form = input.form, files = input.files, own = state(form), turn = ++own.turn, place = 0, box;
    try { box = new DataTransfer(); } catch (old) { return; }
    function next() {
      if (turn !== own.turn) { return; }
      if (place < files.length) {
        return shrink(files[place], function (blob) {
          box.items.add(blob ? new File([blob], 'foto.jpg', { type: 'image/jpeg' }) : files[place]);
          place++;
          next();
        });
      }
      input.files = box.files;
      own.busy = false;
      say(form, files.length ? files.length + ' berkas siap dikirim.' : '');
      if (own.waiting) { own.waiting = false; press(form); }
    }
    own.busy = true;
    say(form, 'Menyiapkan berkas...');
    next();
  }

  on('change', function (event) {
    if (event.target.type !== 'file' || !event.target.form) { return; }
    if (event.target.hasAttribute('data-many')) { chosenMany(event.target); } else { chosen(event.target); }
  });

  /* -- sending -- */

  function stop(event) { event.preventDefault(); event.stopPropagation(); }

  on('submit', function (event) {
    var form = event.target, own = state(form), shown = find('.with [type=text]', form);
    if (shown) { shown.type = 'password'; }
    if (own.busy) { own.waiting = true; stop(event); return; }
    clearTimeout(own.timer);
    if (form.method !== 'post' || (win.htmx && form.hasAttribute('hx-post'))) { return; }
    if (own.sent) { stop(event); return; }
    own.sent = true;
    say(form, 'Mengirim...');
  }, true);

  win.addEventListener('pageshow', function () {
    for (var i = 0; i < doc.forms.length; i++) { state(doc.forms[i]).sent = false; }
  });

  function ofForm(handle) {
    return function (event) {
      var form = event.detail.elt;
      if (form && form.tagName === 'FORM') { handle(form, state(form), event.detail, find('progress', form)); }
    };
  }

  function ended(form, bar, text) {
    if (bar) { bar.hidden = true; bar.value = 0; }
    state(form).told = 0;
    say(form, text);
  }

  on('htmx:beforeRequest', ofForm(function (form) { say(form, 'Mengirim...'); }));

  on('htmx:xhr:progress', function (event) {
    var form = event.target, detail = event.detail, bar = form.tagName === 'FORM' && find('progress', form), part;
    if (!bar || !detail.lengthComputable || detail.total < 20000) { return; }
    part = Math.round(100 * detail.loaded / detail.total);
    bar.hidden = false;
    bar.value = part;
    if (part - state(form).told >= 25) {
      state(form).told = part - part % 25;
      say(form, part < 100 ? 'Foto terkirim ' + state(form).told + '%' : 'Foto terkirim. Tunggu sebentar...');
    }
  });

  on('htmx:sendError', ofForm(function (form, own, detail, bar) {
    var wait = form.hasAttribute('data-retry') && WAITS[own.tries++];
    if (!wait) { own.tries = 0; return ended(form, bar, LOST); }
    ended(form, bar, 'Sambungan terputus. Dicoba lagi dalam ' + wait + ' detik...');
    own.timer = setTimeout(function () { if (doc.contains(form)) { press(form); } }, wait * 1000);
  }));

  on('htmx:responseError', ofForm(function (form, own, detail, bar) {
    ended(form, bar, detail.xhr.status === 413 ?
      'Foto terlalu besar. Pilih foto yang lebih kecil atau ambil foto baru.' :
      'Layanan sedang sibuk. Tunggu sebentar, lalu tekan tombol sekali lagi.');
  }));

  // Too many photos at once: the form with everything in it is still here, so it goes again by itself.
  function comeBack(form, seconds) {
    var own = state(form), bar = find('progress', form), wait = Math.ceil(seconds + 3 * Math.random());
    own.waits = (own.waits || 0) + 1;
    if (own.waits > MOST_WAITS) {
      own.waits = 0;
      return ended(form, bar, 'Masih banyak foto sedang diproses. Foto Anda masih ada di halaman ini. Tunggu sebentar, lalu tekan tombol sekali lagi.');
    }
    ended(form, bar, 'Banyak foto sedang diproses. Foto Anda dikirim lagi sendiri dalam ' + wait + ' detik...');
    own.timer = setTimeout(function () { if (doc.contains(form)) { press(form); } }, wait * 1000);
  }

  on('htmx:beforeSwap', function (event) {
    var detail = event.detail, form = detail.requestConfig.elt, again = detail.xhr.status === 503 && +detail.xhr.getResponseHeader('Retry-After');
    if (!again || form.enctype !== 'multipart/form-data') { return; }
    detail.isError = false;
    event.preventDefault();
    comeBack(form, again);
  });

  // Our own error pages start with their title; a page of a proxy in between never replaces the step.
  on('htmx:beforeSwap', function (event) {
    var detail = event.detail;
    if (!event.defaultPrevented && !detail.shouldSwap && detail.xhr.status >= 400 && /^\s*<title>/.test(detail.xhr.responseText)) {
      detail.shouldSwap = true;
      detail.isError = false;
    }
  });

  /* -- where the reader is -- */

  function arrive(swapped) {
    var target = find('#isi .error-summary') || (swapped && find('#isi h1')), menu = find('.menu');
    if (menu) { menu.open = false; }
    if (target) { target.tabIndex = -1; target.focus(); }
    if (swapped) { win.scrollTo(0, 0); }
  }

  on('htmx:afterSettle', function (event) { if (event.detail.target && event.detail.target.id === 'isi') { arrive(true); } });
  arrive(false);

  on('click', function (event) {
    var menu = find('.menu[open]'), node = event.target, field;
    if (menu && !menu.contains(node)) { menu.open = false; }
    while (node && node.getAttribute) {
      if (node.type === 'submit' && node.form) { state(node.form).by = node; }
      if (node.hasAttribute('data-print')) { win.print(); }
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
