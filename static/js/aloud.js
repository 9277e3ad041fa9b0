/* Loket, a step read aloud in the phone's own voice. ES5. Loaded by public.js when *Bacakan* is pressed first. */
(function (win, doc) {
  'use strict';
  win.loketAloud = function (button) {
    var words = [], speech, voices = speechSynthesis.getVoices(), i, mark = button.querySelector('span');
    if (speechSynthesis.speaking) { speechSynthesis.cancel(); return; }
    Array.prototype.forEach.call(doc.querySelectorAll('#isi h1, #isi .error-summary li, #isi .lead, #isi p, #isi label, #isi .hint, #isi .slot, #isi figcaption'), function (node) {
      if (node.offsetParent && node.className !== 'vh' && !node.querySelector('label, .hint, p')) { words.push(node.textContent.trim()); }
    });
    speech = new SpeechSynthesisUtterance(words.join('. ').replace(/\.\.+/g, '.'));
    speech.lang = 'id-ID';
    for (i = 0; i < voices.length; i++) { if (/^id/i.test(voices[i].lang)) { speech.voice = voices[i]; } }
    speech.onstart = function () { mark.textContent = 'Berhenti'; };
    speech.onend = speech.onerror = function () { mark.textContent = 'Bacakan'; };
    speechSynthesis.speak(speech);
  };
}(window, document));
