/* Draws every figure of the page from the data beside it: the phone's drawing on a phone, the wide one elsewhere and
   in print. A column between the two gets the wide drawing scaled down, so that labels keep their places. */
(function () {
  'use strict';
  var phone = window.matchMedia('(max-width: 719px)');
  var config = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: 'reset', showTips: false, displaylogo: false };
  var blocks = [].slice.call(document.querySelectorAll('script[data-for]')).map(function (s) {
    return { div: document.getElementById(s.dataset.for), spec: JSON.parse(s.textContent), shown: '' };
  });
  function draw(block, kind) {
    var one = block.spec[kind] || block.spec.wide;
    if (block.shown !== kind) {
      block.shown = kind;
      window.Plotly.react(block.div, one.data, one.layout, config);
    }
    var room = block.div.parentNode.clientWidth, wanted = one.layout.width || room;
    block.div.style.zoom = kind === 'wide' && room > 0 && room < wanted ? room / wanted : '';
  }
  function drawAll(printing) {
    blocks.forEach(function (b) { draw(b, phone.matches && !printing ? 'narrow' : 'wide'); });
    document.documentElement.dataset.figures = String(blocks.length);
  }
  drawAll(false);
  window.addEventListener('resize', function () { drawAll(false); });
  window.addEventListener('beforeprint', function () { drawAll(true); });
  window.addEventListener('afterprint', function () { drawAll(false); });
})();
