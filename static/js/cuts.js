/* Loket, the page of one case: signature and face are cut out of the card, by its edges, and stand beside paper and
   selfie. Where no edges are found the whole photo stands there, and one cuts with the mouse. The photo is the one the
   page shows already; nothing is sent. ES5. */
(function (win, doc) {
  'use strict';
  var SIDE = 240;  // pixels of the long side in which edges are looked for
  var WIDEST = 1200;  // pixels of a cut
  // parts of a card (ISO/IEC 7810 ID-1, as the KTP-el is printed): left, top, width, height
  var OF_CARD = { face: [0.715, 0.24, 0.255, 0.46], signature: [0.72, 0.815, 0.27, 0.125] };
  // where a face usually is on a selfie: middle x, y and height of the picture
  var ON_SELFIE = { x: 0.52, y: 0.4, height: 0.46 };
  var SHEET = { from: 0.9, to: 2.2 }, CARD = { from: 1.35, to: 1.85 };  // how much wider than high
  var canvases = all('canvas[data-cut]');

  function find(selector, root) { return (root || doc).querySelector(selector); }
  function all(selector, root) { return [].slice.call((root || doc).querySelectorAll(selector)); }
  function apart(a, b) { return Math.sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)); }
  function source(canvas) { return find('img[data-source="' + canvas.getAttribute('data-cut') + '"]'); }

  function pixelsOf(img) {
    var scale = SIDE / Math.max(img.naturalWidth, img.naturalHeight), small = doc.createElement('canvas');
    small.width = Math.round(img.naturalWidth * scale);
    small.height = Math.round(img.naturalHeight * scale);
    small.getContext('2d').drawImage(img, 0, 0, small.width, small.height);
    return { data: small.getContext('2d').getImageData(0, 0, small.width, small.height).data, width: small.width, height: small.height, scale: scale };
  }

  /* How far each pixel is from what the rim of the photo looks like: the table under the card. */
  function fromRim(pixels) {
    var w = pixels.width, h = pixels.height, mean = [0, 0, 0], count = 0, far = new Uint8Array(w * h), x, y, at, rim = 4;
    for (y = 0; y < h; y++) {
      for (x = 0; x < w; x++) {
        if (x >= rim && y >= rim && x < w - rim && y < h - rim) { continue; }
        at = 4 * (y * w + x);
        mean[0] += pixels.data[at]; mean[1] += pixels.data[at + 1]; mean[2] += pixels.data[at + 2]; count++;
      }
    }
    for (at = 0; at < w * h; at++) {
      far[at] = Math.min(255, (Math.abs(pixels.data[4 * at] - mean[0] / count) + Math.abs(pixels.data[4 * at + 1] - mean[1] / count) +
        Math.abs(pixels.data[4 * at + 2] - mean[2] / count)) / 3);
    }
    return far;
  }

  /* Otsu: the level that splits the values into the two most unlike groups. */
  function splitOf(values) {
    var counts = new Uint32Array(256), sum = 0, below = 0, sumBelow = 0, best = 0, level = 0, i, between;
    for (i = 0; i < values.length; i++) { counts[values[i]]++; sum += values[i]; }
    for (i = 0; i < 256; i++) {
      below += counts[i];
      sumBelow += i * counts[i];
      if (!below || below === values.length) { continue; }
      between = below * (values.length - below) * Math.pow(sumBelow / below - (sum - sumBelow) / (values.length - below), 2);
      if (between > best) { best = between; level = i; }
    }
    return level;
  }

  /* The pixels of each patch that hangs together, as lists of places. */
  function patches(inside, w, h) {
    var seen = new Uint8Array(w * h), found = [], start, patch, at, i, x, next;
    for (start = 0; start < w * h; start++) {
      if (seen[start] || !inside[start]) { continue; }
      patch = [start];
      seen[start] = 1;
      for (i = 0; i < patch.length; i++) {
        at = patch[i];
        x = at % w;
        next = [x > 0 ? at - 1 : -1, x < w - 1 ? at + 1 : -1, at - w, at + w];
        next.forEach(function (one) { if (one >= 0 && one < w * h && !seen[one] && inside[one]) { seen[one] = 1; patch.push(one); } });
      }
      found.push(patch);
    }
    return found.sort(function (a, b) { return b.length - a.length; });
  }

  function corner(patch, w, weigh) {
    var best = null, most = -Infinity;
    patch.forEach(function (at) { var value = weigh(at % w, Math.floor(at / w)); if (value > most) { most = value; best = { x: at % w, y: Math.floor(at / w) }; } });
    return best;
  }

  function areaOf(c) {
    return Math.abs((c[0].x * c[1].y - c[1].x * c[0].y) + (c[1].x * c[2].y - c[2].x * c[1].y) +
      (c[2].x * c[3].y - c[3].x * c[2].y) + (c[3].x * c[0].y - c[0].x * c[3].y)) / 2;
  }

  /* Corners of the card or sheet (left top, right top, right bottom, left bottom) in pixels of the photo, or null. */
  function edges(img, shape) {
    var pixels = pixelsOf(img), w = pixels.width, h = pixels.height, far = fromRim(pixels), level = splitOf(far), patch, c, wide, high, touches;
    patch = patches(far.map(function (value) { return value > level ? 1 : 0; }), w, h)[0];
    if (!patch || patch.length < 0.12 * w * h) { return null; }
    touches = patch.filter(function (at) { var x = at % w, y = Math.floor(at / w); return x < 2 || y < 2 || x > w - 3 || y > h - 3; }).length;
    c = [corner(patch, w, function (x, y) { return -x - y; }), corner(patch, w, function (x, y) { return x - y; }),
      corner(patch, w, function (x, y) { return x + y; }), corner(patch, w, function (x, y) { return y - x; })];
    wide = apart(c[0], c[1]);
    high = apart(c[0], c[3]);
    if (touches > 0.05 * (w + h) || patch.length < 0.8 * areaOf(c) || wide / high < shape.from || wide / high > shape.to ||
        Math.abs(apart(c[3], c[2]) / wide - 1) > 0.15 || Math.abs(apart(c[1], c[2]) / high - 1) > 0.15) { return null; }
    return c.map(function (point) { return { x: point.x / pixels.scale, y: point.y / pixels.scale }; });
  }

  /* A box of the photo: where its corner is, which way it lies, how wide and high. */
  function partOf(c, part) {
    var across = { x: c[1].x - c[0].x, y: c[1].y - c[0].y }, down = { x: c[3].x - c[0].x, y: c[3].y - c[0].y };
    return {
      x: c[0].x + part[0] * across.x + part[1] * down.x, y: c[0].y + part[0] * across.y + part[1] * down.y,
      angle: Math.atan2(across.y, across.x), width: part[2] * apart(c[0], c[1]), height: part[3] * apart(c[0], c[3])
    };
  }

  function whole(img) { return { x: 0, y: 0, angle: 0, width: img.naturalWidth, height: img.naturalHeight }; }

  /* The ink nearest to the middle of the sheet; strokes closer than a few pixels belong together. */
  function inkOn(img, c) {
    var pixels = pixelsOf(img), w = pixels.width, h = pixels.height, ink = new Uint8Array(w * h), sheet = partOf(c, [0.06, 0.06, 0.88, 0.88]);
    var middle = { x: (c[0].x + c[2].x) / 2 * pixels.scale, y: (c[0].y + c[2].y) / 2 * pixels.scale }, x, y, dx, dy, at, best = null, least = Infinity, box;
    function inside(px, py) {
      var ox = px / pixels.scale - sheet.x, oy = py / pixels.scale - sheet.y;
      var u = ox * Math.cos(sheet.angle) + oy * Math.sin(sheet.angle), v = oy * Math.cos(sheet.angle) - ox * Math.sin(sheet.angle);
      return u > 0 && v > 0 && u < sheet.width && v < sheet.height;
    }
    for (y = 0; y < h; y++) {
      for (x = 0; x < w; x++) {
        at = 4 * (y * w + x);
        if (pixels.data[at] + pixels.data[at + 1] + pixels.data[at + 2] > 510 || !inside(x, y)) { continue; }
        for (dy = -3; dy <= 3; dy++) { for (dx = -3; dx <= 3; dx++) { if (x + dx >= 0 && x + dx < w && y + dy >= 0 && y + dy < h) { ink[(y + dy) * w + x + dx] = 1; } } }
      }
    }
    patches(ink, w, h).slice(0, 4).forEach(function (patch) {
      var xs = patch.map(function (one) { return one % w; }), ys = patch.map(function (one) { return Math.floor(one / w); });
      var left = Math.min.apply(null, xs), right = Math.max.apply(null, xs), top = Math.min.apply(null, ys), bottom = Math.max.apply(null, ys);
      var off = apart(middle, { x: (left + right) / 2, y: (top + bottom) / 2 });
      if (patch.length > 150 && off < least) {
        least = off;
        best = { x: left / pixels.scale, y: top / pixels.scale, angle: 0, width: (right - left) / pixels.scale, height: (bottom - top) / pixels.scale };
      }
    });
    box = best || partOf(c, [0.05, 0.05, 0.9, 0.9]);
    return box;
  }

  /* The box a part is found in by itself; `found` is false when the whole photo has to do. */
  function lookFor(canvas, img) {
    var part = canvas.getAttribute('data-part'), c, height = img.naturalHeight * ON_SELFIE.height;
    if (part === 'selfie') {
      return { found: true, box: { x: img.naturalWidth * ON_SELFIE.x - height / 2, y: img.naturalHeight * ON_SELFIE.y - height / 2, angle: 0, width: height, height: height } };
    }
    c = edges(img, part === 'paper' ? SHEET : CARD);
    if (!c) { return { found: part === 'paper', box: whole(img) }; }
    return { found: true, box: part === 'paper' ? inkOn(img, c) : partOf(c, OF_CARD[part]) };
  }

  function draw(canvas, img, box) {
    var scale = Math.min(1, WIDEST / Math.max(box.width, box.height)), pen = canvas.getContext('2d');
    canvas.box = box;
    canvas.width = Math.max(1, Math.round(box.width * scale));
    canvas.height = Math.max(1, Math.round(box.height * scale));
    pen.scale(scale, scale);
    pen.rotate(-box.angle);
    pen.translate(-box.x, -box.y);
    pen.drawImage(img, 0, 0);
  }

  function say(canvas, words) { find('.tag', canvas.parentNode).textContent = words; }

  function cutBySelf(canvas) {
    var img = source(canvas), own = canvas.getAttribute('aria-label'), seen;
    if (!img || !img.naturalWidth) { return; }
    seen = lookFor(canvas, img);
    draw(canvas, img, seen.box);
    canvas.setAttribute('data-found', seen.found ? 'ya' : 'tidak');
    say(canvas, seen.found ? own : own + ': tepi KTP tidak terlihat, potong sendiri');
  }

  /* -- by mouse: the whole photo, and one draws a box on it -- */

  function startCutting(view) {
    view.classList.add('cutting');
    all('canvas', view).forEach(function (canvas) { var img = source(canvas); if (img && img.naturalWidth) { draw(canvas, img, whole(img)); say(canvas, 'Tarik kotak di sini'); } });
  }

  // where a point of the screen lies on the photo that fills the canvas without being stretched
  function onPhoto(canvas, event) {
    var place = canvas.getBoundingClientRect(), fit = Math.min(place.width / canvas.box.width, place.height / canvas.box.height);
    return {
      x: (event.clientX - place.left - (place.width - canvas.box.width * fit) / 2) / fit,
      y: (event.clientY - place.top - (place.height - canvas.box.height * fit) / 2) / fit
    };
  }

  function byMouse(canvas) {
    var from = null, rubber = null, view = canvas.closest('[data-view]');
    canvas.addEventListener('pointerdown', function (event) {
      if (!view.classList.contains('cutting')) { return; }
      event.preventDefault();
      from = { x: event.clientX, y: event.clientY, on: onPhoto(canvas, event) };
      rubber = doc.createElement('div');
      rubber.className = 'rubber';
      canvas.parentNode.appendChild(rubber);
    });
    win.addEventListener('pointermove', function (event) {
      var place;
      if (!from) { return; }
      place = canvas.parentNode.getBoundingClientRect();
      rubber.style.left = Math.min(from.x, event.clientX) - place.left + 'px';
      rubber.style.top = Math.min(from.y, event.clientY) - place.top + 'px';
      rubber.style.width = Math.abs(event.clientX - from.x) + 'px';
      rubber.style.height = Math.abs(event.clientY - from.y) + 'px';
    });
    win.addEventListener('pointerup', function (event) {
      var to, first = from, img = source(canvas);
      if (!first) { return; }
      from = null;
      rubber.parentNode.removeChild(rubber);
      to = onPhoto(canvas, event);
      if (Math.abs(event.clientX - first.x) < 8 || Math.abs(event.clientY - first.y) < 8) { return; }
      draw(canvas, img, { x: Math.min(first.on.x, to.x), y: Math.min(first.on.y, to.y), angle: 0, width: Math.abs(to.x - first.on.x), height: Math.abs(to.y - first.on.y) });
      say(canvas, canvas.getAttribute('aria-label'));
      canvas.setAttribute('data-found', 'sendiri');
      if (!all('.tag', view).some(function (tag) { return tag.textContent === 'Tarik kotak di sini'; })) { view.classList.remove('cutting'); }
    });
  }

  canvases.forEach(function (canvas) {
    var img = source(canvas);
    if (!img) { return; }
    if (img.complete && img.naturalWidth) { cutBySelf(canvas); } else { img.addEventListener('load', function () { cutBySelf(canvas); }); }
    byMouse(canvas);
  });
  doc.addEventListener('click', function (event) {
    var button = event.target.closest && event.target.closest('[data-photo]'), view = button && button.closest('.pair');
    if (!view) { return; }
    if (button.getAttribute('data-photo') === 'cut') { startCutting(view); }
    if (button.getAttribute('data-photo') === 'reset') { view.classList.remove('cutting'); all('canvas', view).forEach(cutBySelf); }
  });
}(window, document));
