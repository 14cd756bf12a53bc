
"use strict";
(() => {
  const cards = Array.from(document.querySelectorAll("#clips > .card"));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const by = (id) => document.getElementById(id);
  const viewer = by("viewer");
  const stage = by("stage");
  const frameOf = (card) => card.querySelector(".frame");
  const isClip = (card) => frameOf(card).dataset.kind === "clip";

  for (const time of document.querySelectorAll("time")) {
    const moment = new Date(time.dateTime);
    if (!Number.isNaN(moment.valueOf())) {
      time.textContent = moment.toLocaleDateString(undefined, { dateStyle: "long" });
    }
  }

  // The page: of the clips that are at least half visible, one plays, and none while nobody looks.

  const half = new Set();
  const broken = new Set();
  let preferred = null;
  let playing = null;

  function stop() {
    if (!playing) return;
    const { video } = playing;
    playing = null;
    video.pause();
    // the file and its decoder are let go
    video.removeAttribute("src");
    video.load();
    video.remove();
  }

  function start(card) {
    stop();
    const frame = frameOf(card);
    const picture = frame.querySelector("img");
    const video = document.createElement("video");
    video.muted = true;
    video.loop = true;
    video.preload = "none";
    video.tabIndex = -1;
    video.setAttribute("muted", "");
    video.setAttribute("playsinline", "");
    video.setAttribute("aria-hidden", "true");
    if (picture) video.poster = picture.src;
    video.addEventListener("error", () => {
      if (playing && playing.video === video) {
        broken.add(card);
        stop();
        choose();
      }
    });
    video.src = frame.href;
    frame.append(video);
    playing = { card, video };
    // a browser that does not start it leaves the picture
    video.play().catch(() => {});
  }

  function choose() {
    const may = !document.hidden && !viewer.open && !calm.matches;
    const found = may ? cards.filter((card) => half.has(card) && !broken.has(card)) : [];
    if (!found.length) return stop();
    let wanted = playing ? playing.card : null;
    if (found.includes(preferred)) wanted = preferred;
    else if (!found.includes(wanted)) wanted = nearest(found);
    if (!playing || playing.card !== wanted) start(wanted);
  }

  function nearest(found) {
    const middle = innerHeight / 2;
    const away = (card) => {
      const box = frameOf(card).getBoundingClientRect();
      return Math.abs((box.top + box.bottom) / 2 - middle);
    };
    return found.reduce((best, card) => (away(card) < away(best) ? card : best));
  }

  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const card = entry.target.parentElement;
      if (entry.isIntersecting && entry.intersectionRatio >= 0.5) half.add(card);
      else half.delete(card);
    }
    choose();
  }, { threshold: 0.5 });

  function prefer(card) {
    preferred = card;
    choose();
  }

  cards.forEach((card, index) => {
    const frame = frameOf(card);
    if (isClip(card)) watch.observe(frame);
    frame.addEventListener("pointerenter", () => prefer(card));
    frame.addEventListener("pointerleave", () => prefer(null));
    frame.addEventListener("focus", () => prefer(card));
    frame.addEventListener("blur", () => prefer(null));
    frame.addEventListener("click", (event) => {
      // another tab or window was asked for
      if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      open(index);
    });
  });
  document.addEventListener("visibilitychange", choose);
  addEventListener("pagehide", stop);
  calm.addEventListener("change", choose);

  // The viewer: one clip with sound, and its neighbours by the arrow keys.

  let shown = -1;

  function open(index) {
    viewer.showModal();
    choose();
    show(index);
    stage.firstElementChild.focus({ preventScroll: true });
  }

  function clear() {
    const old = stage.querySelector("video");
    if (old) {
      old.pause();
      old.removeAttribute("src");
      old.load();
    }
    stage.replaceChildren();
  }

  function show(index) {
    if (index < 0 || index >= cards.length) return;
    const had = viewer.contains(document.activeElement) ? document.activeElement : null;
    clear();
    shown = index;
    const card = cards[index];
    const frame = frameOf(card);
    const caption = card.querySelector(".caption");
    const tags = Array.from(card.querySelectorAll(".tags li"), (tag) => tag.textContent);
    const facts = [card.querySelector("time").textContent, ...tags];
    by("viewer-caption").textContent = caption ? caption.textContent : "";
    by("viewer-facts").textContent = facts.join(" \u00b7 ");
    by("place").textContent = `${index + 1} of ${cards.length}`;
    by("previous").disabled = index === 0;
    by("next").disabled = index === cards.length - 1;
    by("save").href = frame.href;
    by("save").hidden = document.body.dataset.download !== "yes";
    const media = isClip(card) ? filmed(frame) : drawn(frame);
    const name = caption ? caption.textContent : frame.getAttribute("aria-label");
    if (isClip(card)) media.setAttribute("aria-label", name);
    else media.alt = name;
    stage.append(media);
    // a button that was used keeps the focus, unless it went grey
    if (!had || had === viewer || had.disabled || !had.isConnected) media.focus({ preventScroll: true });
  }

  function filmed(frame) {
    const video = document.createElement("video");
    const picture = frame.querySelector("img");
    video.controls = true;
    video.loop = true;
    video.tabIndex = 0;
    video.setAttribute("playsinline", "");
    if (document.body.dataset.download !== "yes") video.setAttribute("controlslist", "nodownload");
    if (picture) video.poster = picture.src;
    video.addEventListener("error", () => {
      if (!video.isConnected) return;
      const words = document.createElement("p");
      words.textContent = "This browser cannot play the clip.";
      words.tabIndex = -1;
      video.replaceWith(words);
      words.focus();
    });
    video.src = frame.href;
    video.play().catch(() => {});
    return video;
  }

  function drawn(frame) {
    const picture = document.createElement("img");
    picture.tabIndex = -1;
    picture.src = frame.href;
    return picture;
  }

  viewer.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    // the video's own keys would jump within the clip
    event.preventDefault();
    event.stopPropagation();
    show(shown + step);
  }, true);
  by("previous").addEventListener("click", () => show(shown - 1));
  by("next").addEventListener("click", () => show(shown + 1));
  by("close").addEventListener("click", () => viewer.close());
  viewer.addEventListener("close", () => {
    clear();
    const frame = frameOf(cards[shown]);
    frame.scrollIntoView({ block: "nearest" });
    frame.focus({ preventScroll: true });
    choose();
  });
})();
