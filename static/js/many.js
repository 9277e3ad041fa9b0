/* Loket, several files in one input. ES5. Loaded with photo.js when such files are chosen: each picture is made smaller
   in turn, everything else is kept as it is. */
(function (win) {
  'use strict';
  win.loketMany = function (input) {
    var files = input.files, place = 0, bag, form = input.form, own = form.loket || (form.loket = {}), turn = own.turn = (own.turn || 0) + 1, status = form.querySelector('.status');
    try { bag = new DataTransfer(); } catch (old) { return; }
    own.busy = files.length > 0;
    status.textContent = own.busy ? 'Menyiapkan berkas...' : '';
    (function next() {
      var file = files[place++];
      if (turn !== own.turn) { return; }
      if (!file) {
        input.files = bag.files;
        own.busy = false;
        status.textContent = files.length ? files.length + ' berkas siap dikirim.' : '';
        if (own.waiting) { own.waiting = false; own.press(); }
        return;
      }
      if (!/^image\/(jpeg|png|webp)$/.test(file.type)) { bag.items.add(file); return next(); }
      win.loketPhoto.read(file, function (facts) {
        // a long screenshot made smaller would be unreadable
        if (facts && facts.width && Math.max(facts.width, facts.height) > 2.5 * Math.min(facts.width, facts.height)) { bag.items.add(file); return next(); }
        win.loketPhoto.prepare(file, facts || { turn: 1, kind: 'jpeg' }, null, function (made) {
          bag.items.add(made && made.blob !== file ? new File([made.blob], 'foto.jpg', { type: 'image/jpeg' }) : file);
          next();
        });
      });
    }());
  };
}(window));
