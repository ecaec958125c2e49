import assert from "node:assert/strict";
import { Pipeline, statesOf } from "./pipeline.ts";
import { RuleServer } from "./relays.ts";
