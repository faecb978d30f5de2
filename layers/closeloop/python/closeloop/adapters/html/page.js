(async () => {
  const here = document.querySelector("main").dataset.page;
  for (const seconds of [1, 2, 2, 3, 5, 8, 13, 21, 34, 55, 55, 55]) {
    await new Promise((wake) => setTimeout(wake, seconds * 1000));
    try {
      const reply = await fetch(location.pathname, { cache: "no-store" });
      const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
      const main = fresh.querySelector("main");
      if (reply.status < 500 && main && main.dataset.page !== here) {
        document.body.replaceWith(fresh.body);
        document.querySelector("h1").focus();
        return;
      }
    } catch { /* no network for a moment */ }
  }
})();
