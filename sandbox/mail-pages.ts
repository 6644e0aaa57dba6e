import { problem, type Routes } from "./http.ts";
import type { CaughtMail, MailCatcher } from "./mail-catcher.ts";

const PAGE = 200;

/** The catcher's own pages and JSON: `/mail`, `/mail/:id`, `/api/mails?orderId=…`. */
export function mailRoutes({ mails, ledger }: MailCatcher): Routes {
  const find = (id: string | undefined) => mails.find((mail) => mail.id === id);
  return {
    "GET /mail": ({ url }) => {
      const search = (url.searchParams.get("q") ?? "").toLowerCase();
      const found = mails.filter((mail) => text(mail).includes(search)).toReversed();
      return { status: 200, body: listPage(found.slice(0, PAGE), found.length, search), headers: secured };
    },
    // The newest mail of a kind, for links that know the order and not the mail.
    "GET /mail/of/:orderId/:kind": ({ params }) => {
      const mail = mails.findLast(({ orderId, kind }) => orderId === params.orderId && kind === params.kind);
      const location = mail ? `/mail/${mail.id}` : `/mail?q=${encodeURIComponent(params.orderId ?? "")}`;
      return { status: 302, headers: { location } };
    },
    "GET /mail/:id": ({ params }) => {
      const mail = find(params.id);
      if (!mail) return problem(404, "not_found", "this mail is not (or no longer) here");
      return { status: 200, body: mailPage(mail), headers: secured };
    },
    "GET /mail/:id/html": ({ params }) => {
      const mail = find(params.id);
      if (!mail) return problem(404, "not_found", "this mail is not (or no longer) here");
      return { status: 200, body: mail.html || `<pre>${escapeHtml(mail.text)}</pre>`, headers: framed };
    },
    "GET /api/mails": ({ url }) => {
      const orderId = url.searchParams.get("orderId");
      const found = mails.filter((mail) => orderId === null || mail.orderId === orderId).toReversed();
      return { status: 200, body: found.slice(0, PAGE).map(({ raw: _, html: __, text: ___, ...mail }) => mail) };
    },
    "GET /api/mails/:id/raw": ({ params }) => {
      const mail = find(params.id);
      if (!mail) return problem(404, "not_found", "this mail is not (or no longer) here");
      return {
        status: 200,
        body: mail.raw,
        headers: { "content-type": "message/rfc822", "content-disposition": "attachment" },
      };
    },
    "GET /api/ledger/mails": () => ({ status: 200, body: ledger }),
  };
}

const base = { "x-content-type-options": "nosniff", "cache-control": "no-store", "referrer-policy": "no-referrer" };
const secured = {
  ...base,
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
};
/** The mail's own HTML: no script, no picture from elsewhere, shown only inside the page above. */
const framed = {
  ...base,
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox",
};

const text = (mail: CaughtMail) =>
  `${mail.recipients.join(" ")} ${mail.subject} ${mail.orderId} ${mail.kind}`.toLowerCase();

const escapeHtml = (value: string) => value.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const page = (title: string, body: string) => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><style>
:root{color-scheme:light dark;--line:light-dark(#dee2e6,#373a40);--dim:light-dark(#5c636a,#a6a7ab);--accent:light-dark(#1864ab,#74c0fc)}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem}h1{font-size:1.25rem;overflow-wrap:anywhere}
a{color:var(--accent)}.dim{color:var(--dim)}ul{list-style:none;padding:0;border-top:1px solid var(--line)}
li{border-bottom:1px solid var(--line);padding:.6rem 0;overflow-wrap:anywhere}input{font:inherit;padding:.4rem .6rem;width:min(100%,24rem)}
iframe{width:100%;height:32rem;border:1px solid var(--line);background:#fff}dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}</style></head><body>${body}</body></html>`;

function listPage(mails: CaughtMail[], total: number, search: string): string {
  const rows = mails.map(
    (mail) => `<li><a href="/mail/${mail.id}">${escapeHtml(mail.subject)}</a><br>
      <span class="dim">to ${escapeHtml(mail.recipients.join(", "))} · ${escapeHtml(mail.receivedAt)}</span></li>`,
  );
  const empty = `<p class="dim">${search ? "No mail matches." : "No mail yet. Place an order: its mails arrive here and nowhere else."}</p>`;
  return page(
    "Mails",
    `<h1>Mails caught in the sandbox</h1><p class="dim">${total} mails. None of them left this machine.</p>
     <form><label for="q" class="dim">Search recipient, subject or order</label><br><input id="q" name="q" value="${escapeHtml(search)}"></form>
     ${rows.length > 0 ? `<ul>${rows.join("")}</ul>` : empty}`,
  );
}

const mailPage = (mail: CaughtMail) =>
  page(
    mail.subject,
    `<p><a href="/mail">All mails</a></p><h1>${escapeHtml(mail.subject)}</h1><dl>
     <dt>From</dt><dd>${escapeHtml(mail.from)}</dd><dt>To</dt><dd>${escapeHtml(mail.recipients.join(", "))}</dd>
     <dt>Received</dt><dd>${escapeHtml(mail.receivedAt)}</dd><dt>Order</dt><dd>${escapeHtml(mail.orderId)}</dd>
     <dt>Message-ID</dt><dd>${escapeHtml(mail.messageId)}</dd></dl>
     <iframe title="The mail as its reader sees it" sandbox="" src="/mail/${mail.id}/html"></iframe>
     <p><a href="/api/mails/${mail.id}/raw">Source</a></p>`,
  );
