#pragma once
// How pages look: one style sheet, written into each of them. Every text stands out from its ground by 4.5 to 1 at
// least, in light and in dark.

namespace heddle::report {

inline constexpr const char* kPageStyle = R"css(
:root{color-scheme:light dark;--text:#1f2328;--muted:#57606a;--ground:#fff;--raised:#f3f5f7;--line:#d0d7de;--link:#0b57a4;
--good:#1a6b30;--partly:#855500;--bad:#a3231f;--open:#57606a}
@media(prefers-color-scheme:dark){:root{--text:#e6e8ea;--muted:#a8b0b8;--ground:#16191d;--raised:#20252b;--line:#3b434c;--link:#8ab8f5}}
*{box-sizing:border-box}
body{font:16px/1.55 sans-serif;margin:0;color:var(--text);background:var(--ground)}
main{max-width:64rem;margin:0 auto;padding:1rem;overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.25;margin:.8rem 0}
h2{font-size:1.25rem;margin:2rem 0 .6rem}
h3,h4{font-size:1rem;margin:1.2rem 0 .4rem}
p{margin:.6rem 0}
a{color:var(--link)}
nav{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem}
code,pre{font-family:monospace;font-size:.92em;background:var(--raised);border-radius:3px}
code{padding:.08em .25em;overflow-wrap:anywhere}
pre{padding:.7rem;overflow-x:auto}
.unbroken{white-space:nowrap}
.note{color:var(--muted)}
.badge{display:inline-block;white-space:nowrap;padding:0 .5em;border-radius:.8em;color:#fff;font-weight:600}
.good{background:var(--good)}.partly{background:var(--partly)}.bad{background:var(--bad)}.open{background:var(--open)}
.card{border:1px solid var(--line);border-radius:6px;padding:.2rem .9rem;margin:.7rem 0}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.94rem;font-variant-numeric:tabular-nums}
td,th{border:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top}
th{background:var(--raised)}
figure{margin:1rem 0;min-width:0}
figcaption{color:var(--muted);margin-bottom:.3rem}
svg{display:block;border-radius:6px}
.scale svg{width:100%;height:auto}
.strip{display:flex;flex-wrap:wrap;gap:.5rem .15rem;margin:.7rem 0}
.strip span{display:inline-flex;flex-direction:column}
.strip code{white-space:pre-wrap;font-size:1rem;min-height:1.6em;padding:.1em .2em;color:#1f2328;background:#fff3b8}
.strip span:nth-child(5n+2) code{background:#cfe5ff}.strip span:nth-child(5n+3) code{background:#d3f5d6}
.strip span:nth-child(5n+4) code{background:#ffdede}.strip span:nth-child(5n) code{background:#ead9fb}
.strip small{color:var(--muted);font-size:.75rem;line-height:1.3;padding:0 .2em}
@media(max-width:40rem){
.stack table,.stack tbody,.stack tr,.stack td{display:block;border:0;padding:.1rem 0}
.stack thead{display:none}
.stack tr{border:1px solid var(--line);border-radius:6px;padding:.5rem .8rem;margin:.6rem 0}
.stack td:empty{display:none}
.stack td::before{content:attr(title) " ";color:var(--muted)}
})css";

}  // namespace heddle::report
