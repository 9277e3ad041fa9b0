/* Loket, the service worker: keeps one page, which names nobody, and shows it when the line is lost. Nothing that a
   visitor was sent or has typed is ever stored here. OFFLINE is put before this by app/information/views.py. */
(function (worker) {
  'use strict';
  worker.addEventListener('install', function (event) {
    event.waitUntil(caches.open(OFFLINE).then(function (box) {
      return box.add(new Request(OFFLINE, { credentials: 'omit' }));
    }).then(function () { return worker.skipWaiting(); }));
  });

  worker.addEventListener('activate', function (event) {
    event.waitUntil(caches.keys().then(function (names) {
      return Promise.all(names.map(function (name) { return name === OFFLINE || caches.delete(name); }));
    }));
  });

  worker.addEventListener('fetch', function (event) {
    if (event.request.mode !== 'navigate') { return; }
    event.respondWith(fetch(event.request).catch(function () { return caches.match(OFFLINE); }));
  });
}(self));
