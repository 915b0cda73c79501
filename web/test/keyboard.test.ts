import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Composition } from "../src/keyboard/composition";
import { Following } from "../src/keyboard/following";
import { pages, type Sizes } from "../src/keyboard/paging";
import { read } from "../src/keyboard/pinyin";
import { parseTable } from "../src/keyboard/table";

const table = parseTable(readFileSync(".tests/keyboard.txt", "utf8"));
/** As on a screen of 1080 pixels with letters of 27. */
const SIZES: Sizes = { character: 27, padding: 26, least: 60, gap: 6 };
const ROOM = 1080 - 16 - 3 * 72;

function candidates(letters: string): string[] {
  return read(table, letters).candidates.map(({ text }) => text);
}

function firstPage(letters: string): string[] {
  const all = candidates(letters);
  return all.slice(0, pages(all, ROOM, SIZES)[1]);
}

function typed(letters: string): Composition {
  const composition = new Composition();
  composition.use(table);
  for (const letter of letters) composition.add(letter);
  return composition;
}

// Phrases as they are typed here: whole pinyin, first letters, a mixture; the phrase must stand on the first page.
const TYPED: Record<string, string> = {
  zhishichanquan: "知识产权", zscq: "知识产权", zhiscq: "知识产权", weiquanyuanzhu: "维权援助", wqyz: "维权援助",
  waiguansheji: "外观设计", wgsj: "外观设计", zhanweihao: "展位号", zwh: "展位号", zhuanlizhengshu: "专利证书",
  zlzs: "专利证书", changchun: "长春", cc: "长春", guangdianbolanhui: "光电博览会", gdblh: "光电博览会",
  qichebolanhui: "汽车博览会", nongbohui: "农博会", guangbohui: "光博会", shiyongxinxing: "实用新型", syxx: "实用新型",
  famingzhuanli: "发明专利", fmzl: "发明专利", zhucheshangbiao: "注册商标", shangbiao: "商标", zhuzuoquan: "著作权",
  banquan: "版权", qinquan: "侵权", beiqinquan: "被侵权", fangmao: "仿冒", jiamao: "假冒", chaoxi: "抄袭",
  shouquan: "授权", zhengju: "证据", quzheng: "取证", gongzheng: "公证", peichang: "赔偿", tiaojie: "调解",
  xingzhengcaijue: "行政裁决", tousu: "投诉", jubao: "举报", zixun: "咨询", woyaotousu: "我要投诉",
  wyts: "我要投诉", woyaozixun: "我要咨询", chajindu: "查进度", zhuanrengong: "转人工", gongzuozhan: "工作站",
  zhanguan: "展馆", zhanpin: "展品", canzhanshang: "参展商", zhubanfang: "主办方", youxiangongsi: "有限公司", yxgs: "有限公司",
  kejiyouxiangongsi: "科技有限公司", gufenyouxiangongsi: "股份有限公司", chaoyangqu: "朝阳区", nanguanqu: "南关区",
  erdaoqu: "二道区", lvyuanqu: "绿园区", luyuanqu: "绿园区", jiutaiqu: "九台区", gongzhuling: "公主岭", jingyuequ: "净月区",
  shouji: "手机", dianhua: "电话", xiansheng: "先生", nvshi: "女士", buzhidao: "不知道", meiyou: "没有", tiaoguo: "跳过",
  mingtian: "明天", zuotian: "昨天", yingyezhizhao: "营业执照", shenfenzheng: "身份证", lvshihan: "律师函",
  taobao: "淘宝", pinduoduo: "拼多多", douyin: "抖音", zenmeban: "怎么办", duoshaoqian: "多少钱", shichangjianguanju: "市场监管局",
};

test("each of these phrases stands on the first page, typed key by key", () => {
  const missing = Object.entries(TYPED).filter(([letters, text]) => !firstPage(letters).includes(text));
  assert.ok(Object.keys(TYPED).length >= 60);
  assert.deepEqual(missing, []);
});

test("the project's own words come first", () => {
  for (const [letters, text] of [["zscq", "知识产权"], ["wgsj", "外观设计"], ["zhanwei", "展位"], ["tousu", "投诉"], ["zhuanli", "专利"], ["changchun", "长春"]] as const) {
    assert.equal(candidates(letters)[0], text, letters);
  }
});

test("xian is 先 first and 西安 on the first page, and 西安 first when the syllables are parted", () => {
  assert.equal(candidates("xian")[0], "先");
  assert.ok(candidates("xian").includes("西安"));
  assert.equal(candidates("xi'an")[0], "西安");
  assert.deepEqual(read(table, "xi'an").syllables, ["xi", "an"]);
});

test("letters are cut where the likelier words part", () => {
  assert.deepEqual(read(table, "fangan").syllables, ["fang", "an"]);
  assert.deepEqual(read(table, "zhishichanquan").syllables, ["zhi", "shi", "chan", "quan"]);
  assert.deepEqual(read(table, "zscq").syllables, ["z", "s", "c", "q"]);
});

test("a whole sentence is read at once", () => {
  assert.equal(candidates("duifangdezhanweizaisanhaoguan")[0], "对方的展位在三号馆");
  assert.equal(candidates("woxiangtousutameiyoushouquan")[0], "我想投诉他没有授权");
});

test("every rare character of a name can be typed", () => {
  const rare = { 垚: "yao", 犇: "ben", 赟: "yun", 焜: "kun", 喆: "zhe", 淼: "miao", 鑫: "xin", 昇: "sheng", 堃: "kun", 烨: "ye", 玥: "yue", 珺: "jun", 翀: "chong", 彧: "yu", 骉: "biao", 龘: "da", 㛃: "jie" };
  for (const [character, letters] of Object.entries(rare)) assert.ok(candidates(letters).slice(0, 60).includes(character), character);
});

test("surnames are found by the reading that surnames have, on the first page", () => {
  const surnames = { 单: "shan", 仇: "qiu", 曾: "zeng", 解: "xie", 查: "zha", 朴: "piao", 区: "ou", 缪: "miao", 翟: "zhai", 尉迟: "yuchi", 万俟: "moqi", 令狐: "linghu", 任: "ren", 华: "hua", 盖: "ge" };
  const missing = Object.entries(surnames).filter(([text, letters]) => !firstPage(letters).includes(text));
  assert.deepEqual(missing, []);
});

test("ü is found as v, u and yu", () => {
  for (const letters of ["lvse", "lyuse", "luse"]) assert.ok(firstPage(letters).includes("绿色"), letters);
  assert.ok(firstPage("qinlue").includes("侵略"));
  assert.ok(firstPage("lv").includes("吕"));
});

test("z for zh, s for sh and n for ng are understood in words", () => {
  assert.ok(firstPage("zanwei").includes("展位"));
  assert.ok(firstPage("zisicanquan").includes("知识产权"));
  assert.ok(firstPage("changcun").includes("长春"));
});

test("a candidate that covers a part leaves the other letters open", () => {
  const composition = typed("zhishichanquanfa");
  const part = composition.candidates.find(({ text }) => text === "知识产权");
  assert.ok(part);
  assert.equal(composition.take(part), "知识产权");
  assert.equal(composition.letters, "fa");
  const rest = composition.candidates.find(({ text }) => text === "法");
  assert.ok(rest);
  assert.equal(composition.take(rest), "法");
  assert.equal(composition.open, false);
});

test("a name is taken piece by piece", () => {
  const composition = typed("shanyun");
  let name = "";
  for (const text of ["单", "赟"]) {
    const candidate = composition.candidates.find((one) => one.text === text);
    assert.ok(candidate, text);
    name += composition.take(candidate);
  }
  assert.equal(name, "单赟");
});

test("letters that are no pinyin bring no wrong word for themselves", () => {
  assert.deepEqual(read(table, "v").candidates, []);
  assert.deepEqual(read(table, "").candidates, []);
  const [first] = read(table, "bovv").candidates;
  assert.equal(first?.length, 2);
});

test("what often follows is offered, by the longest end that is known", () => {
  const following = new Following(table);
  assert.equal(following.after("我的知识")[0], "产权");
  assert.ok(following.after("长春某某科技").includes("有限公司"));
  assert.ok(following.after("光电").includes("博览会"));
  assert.ok(following.after("我要").includes("投诉"));
  assert.deepEqual(following.after("赟"), []);
  assert.deepEqual(following.after(""), []);
});

test("back takes the last letter, and the mark between syllables is no letter", () => {
  const composition = typed("xi'an");
  assert.equal(composition.shown, "xi'an");
  assert.equal(composition.letters, "xian");
  composition.back();
  assert.equal(composition.shown, "xi'a");
  composition.clear();
  assert.equal(composition.open, false);
  composition.add("'");
  assert.equal(composition.open, false);
});

test("before the table is there letters stay as they are", () => {
  const composition = new Composition();
  composition.add("z");
  assert.deepEqual(composition.candidates, []);
  assert.equal(composition.shown, "z");
  composition.use(table);
  assert.ok(composition.candidates.length > 0);
});

test("a page holds what fits, nine at most, and nothing is left out", () => {
  assert.deepEqual(pages(["一", "二", "三"], 140, SIZES), [0, 2]);
  assert.deepEqual(pages(["一".repeat(40), "二"], 140, SIZES), [0, 1]);
  assert.deepEqual(pages([..."一二三四五六七八九十"], 10_000, SIZES), [0, 9]);
  assert.deepEqual(pages([], 100, SIZES), []);
  assert.deepEqual(pages([..."一二三四五六七八九十"], 140, SIZES, 2), [0, 4, 8]);
  assert.deepEqual(pages([..."一二三四五六七八九十"], 10_000, SIZES, 2), [0]);
});

test("reading is quick even where nothing is spelled out", () => {
  for (const letters of ["zzzzzzzzzzzzzzzzzzzzzzzz", "zhishichanquanbaohuzhongxindeweiquanyuanzhu", "yyyyyyyyyyyyssssssss"]) {
    read(table, letters);
    const started = performance.now();
    read(table, letters);
    assert.ok(performance.now() - started < 1_000, letters);
  }
});
