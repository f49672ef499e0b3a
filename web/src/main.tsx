import { render } from "preact";
import { App } from "./app";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/kit.css";
import "./style/screens.css";

render(<App />, document.getElementById("console")!);
