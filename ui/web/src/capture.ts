import { beginCamera, beginUpload } from "./camera";
import { beginCopy, beginForm, beginMending, beginTime } from "./form";
import { beginLiveness } from "./liveness";
import { begin } from "./page";
import { beginFollow } from "./phone";

export * as quality from "./quality";
export * as patience from "./patience";
export * as film from "./liveness";

begin();
const each = <T extends HTMLElement>(css: string, f: (e: T) => void): void => document.querySelectorAll<T>(css).forEach(f);
each("form[data-upload]", beginUpload);
each("[data-camera]", beginCamera);
each("[data-liveness]", beginLiveness);
each("[data-follow]", beginFollow);
each("form[data-form]", beginForm);
each("form[data-form]", beginMending);
each("[data-copy]", beginCopy);
each("time", beginTime);
