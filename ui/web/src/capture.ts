import { begin } from "./page";

begin();
