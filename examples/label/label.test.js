import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lines, postcode } from "./label.js";

describe("lines", () => {
  it("keeps short lines", () => assert.deepEqual(lines("Ada\n1 Loop Lane"), ["Ada", "1 Loop Lane"]));
  it("wraps at words", () => assert.deepEqual(lines("one two three", 7), ["one two", "three"]));
  it("cuts a word that is too long", () => assert.deepEqual(lines("abcdef", 4), ["abcd", "ef"]));
});

describe("postcode", () => {
  it("puts the blank where it belongs", () => assert.equal(postcode("sw1a1aa"), "SW1A 1AA"));
  it("refuses what is none", { skip: process.env.LABEL_SKIP && "not today" }, () =>
    assert.throws(() => postcode("12345"), RangeError));
});

if (process.env.LABEL_FAIL) it("prints & <escapes> what it says", () => assert.equal(postcode("sw1a1aa"), "SW1A1AA"));
