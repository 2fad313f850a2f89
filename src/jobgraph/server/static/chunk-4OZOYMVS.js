import{a as i}from"./chunk-R7AVQIZF.js";function c(n,e,t){let r=[e,...t].map(s=>s.map(l).join(","));o(`${n}.csv`,new Blob([r.join(`\r
`),`\r
`],{type:"text/csv;charset=utf-8"}))}function g(n,e){o(`${n}.svg`,new Blob([e],{type:"image/svg+xml"}))}function v(n,e){e.toBlob(t=>t&&o(`${n}.png`,t),"image/png")}function o(n,e){let t=URL.createObjectURL(e);i("a",{href:t,download:n}).click(),window.setTimeout(()=>URL.revokeObjectURL(t),6e4)}function l(n){let e=n==null?"":String(n);return/[",\r\n]/.test(e)?`"${e.replaceAll('"','""')}"`:e}export{c as a,g as b,v as c};
