/* Work announces itself on every page of the office: numbers in the head, in the title and on the icon, a quiet sound,
   a notification if allowed, and at once what was handed to this person. Heard of once, it stays quiet. ES5. */
(function (win, doc) {
  'use strict';
  var EVERY = 8000;
  var box = doc.querySelector('[data-news]'), version = '', before = null, title = doc.title, icon, person, arrived = 0;
  var NAMES = { antrean: 'pendaftaran', pengaduan: 'pengaduan', pesan: 'telepon', permintaan: 'permintaan' };
  if (!box) { return; }
  person = box.getAttribute('data-person');

  function kept(name) { try { return win.localStorage.getItem('loket-' + name + '-' + person); } catch (error) { return null; } }

  function keep(name, value) { try { win.localStorage.setItem('loket-' + name + '-' + person, value); } catch (error) { return; } }

  function ask() {
    var request = new XMLHttpRequest();
    request.open('GET', box.getAttribute('data-news'));
    request.setRequestHeader('HX-Request', 'true');
    if (version) { request.setRequestHeader('If-None-Match', version); }
    request.onload = function () {
      if (request.status !== 200) { return; }
      version = request.getResponseHeader('ETag') || '';
      hear(JSON.parse(request.responseText));
    };
    request.send();
  }

  function hear(told) {
    var more = [], handed = fresh(told.handed);
    Object.keys(told.waiting).forEach(function (key) {
      var waits = told.waiting[key], place = doc.getElementById('kepala-' + key);
      if (place) {
        place.firstChild.nodeValue = waits.words;
        place.hidden = !waits.count;
        place.classList.toggle('urgent', waits.urgent);
      }
      if (before && waits.count > (before[key] ? before[key].count : 0)) { more.push(waits.count + ' ' + NAMES[key] + ' menunggu Anda'); }
    });
    before = told.waiting;
    list(told.handed, handed);
    if (handed.length) { more = handed.map(function (one) { return one.words + ' diserahkan kepada Anda'; }); }
    if (more.length) { announce(more, handed); }
  }

  /* what was handed over and not heard of yet; the case one has open is no news */
  function fresh(handed) {
    var known = JSON.parse(kept('handed') || 'null'), ids = handed.map(function (one) { return one.id; });
    keep('handed', JSON.stringify(ids));
    if (!known) { return []; }
    return handed.filter(function (one) { return known.indexOf(one.id) < 0 && win.location.pathname !== one.url; });
  }

  function list(all, news) {
    var place = box.querySelector('.handed');
    place.textContent = '';
    all.slice().reverse().forEach(function (one) {
      var line = doc.createElement('li'), link = doc.createElement('a');
      link.href = one.url;
      link.textContent = one.words + ' untuk Anda';
      line.appendChild(link);
      place.appendChild(line);
    });
    box.querySelector('[data-none]').hidden = all.length > 0;
    if (news.length) { show(news.length); }
  }

  function show(number) {
    var badge = box.querySelector('summary b');
    badge.textContent = number;
    badge.hidden = !number;
  }

  function announce(sentences, handed) {
    var words = sentences.join('. ');
    arrived += sentences.length;
    say(words, handed[0]);
    ring();
    if (doc.hidden || !doc.hasFocus()) { mark(); notify(words); }
  }

  /* the newest news, on top of the page and read out; it moves nothing */
  function say(words, handed) {
    var line = doc.querySelector('.toast') || doc.body.appendChild(doc.createElement('p')), link;
    line.className = 'toast';
    line.setAttribute('role', 'status');
    line.textContent = words + ' ';
    if (handed) {
      link = doc.createElement('a');
      link.href = handed.url;
      link.textContent = 'Buka';
      line.appendChild(link);
    }
    clearTimeout(line.timer);
    line.timer = setTimeout(function () { line.remove(); }, 20000);
  }

  function mark() {
    var canvas = doc.createElement('canvas'), pen = canvas.getContext('2d');
    doc.title = '(' + arrived + ') ' + title;
    canvas.width = canvas.height = 32;
    pen.fillStyle = '#0b2f57';
    pen.fillRect(0, 0, 32, 32);
    pen.fillStyle = '#ffb020';
    pen.font = 'bold 22px sans-serif';
    pen.textAlign = 'center';
    pen.fillText(arrived > 9 ? '9+' : String(arrived), 16, 24);
    canvas.toBlob(function (picture) {
      icon = icon || doc.querySelector('link[rel=icon]') || doc.head.appendChild(doc.createElement('link'));
      if (!icon.kept) { icon.kept = icon.href || '/favicon.ico'; }
      icon.rel = 'icon';
      icon.href = URL.createObjectURL(picture);
    });
  }

  function unmark() {
    arrived = 0;
    doc.title = title;
    if (icon) { icon.href = icon.kept; }
  }

  function isDay() {
    var hours = box.getAttribute('data-hours').split('-'), hour = new Date().getHours();
    return hour >= Number(hours[0]) && hour < Number(hours[1]);
  }

  function sound() { var wanted = kept('sound'); return wanted === null ? 'day' : wanted; }

  function ring() {
    var wanted = sound(), Context = win.AudioContext || win.webkitAudioContext, audio, tone, volume;
    if (!Context || !wanted || (wanted === 'day' && !isDay())) { return; }
    audio = new Context();
    tone = audio.createOscillator();
    volume = audio.createGain();
    tone.frequency.value = 660;
    volume.gain.setValueAtTime(0.04, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.4);
    tone.connect(volume);
    volume.connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.4);
    tone.onended = function () { audio.close(); };
  }

  /* no number and no name: the notice lies on a screen that others see */
  function notify(words) {
    if (win.Notification && Notification.permission === 'granted') {
      new Notification('Loket', { body: words.replace(/ [A-Z0-9]{4}-[A-Z0-9-]+/g, ''), tag: 'loket' });
    }
  }

  (function settings() {
    var choice = box.querySelector('[data-sound]'), allow = box.querySelector('[data-allow]');
    choice.value = sound();
    choice.addEventListener('change', function () { keep('sound', choice.value); ring(); });
    allow.hidden = !win.Notification || Notification.permission !== 'default';
    allow.addEventListener('click', function () {
      Notification.requestPermission().then(function () { allow.hidden = true; });
    });
    box.addEventListener('toggle', function () { if (box.open) { show(0); } });
  }());

  win.addEventListener('focus', unmark);
  doc.addEventListener('visibilitychange', function () { if (!doc.hidden) { unmark(); ask(); } });
  ask();
  setInterval(ask, EVERY);
}(window, document));
