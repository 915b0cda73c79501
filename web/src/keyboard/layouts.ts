// Where the keys stand and what is on them. Ten columns at most, so that each key is 60 pixels wide on a screen of 720.

export type Layout = "zh" | "zhCapital" | "en" | "enCapital" | "number" | "sign";

export const LAYOUTS: Record<Layout, string[]> = {
  zh: [
    "1 2 3 4 5 6 7 8 9 0",
    "q w e r t y u i o p",
    "a s d f g h j k l {part}",
    "{capital} z x c v b n m {bksp}",
    "{number} {sign} {en} ， {space} 。 ？ {left} {right} {enter}",
  ],
  zhCapital: [
    "1 2 3 4 5 6 7 8 9 0",
    "Q W E R T Y U I O P",
    "A S D F G H J K L {part}",
    "{capital} Z X C V B N M {bksp}",
    "{number} {sign} {en} ， {space} 。 ？ {left} {right} {enter}",
  ],
  en: [
    "1 2 3 4 5 6 7 8 9 0",
    "q w e r t y u i o p",
    "a s d f g h j k l -",
    "{capital} z x c v b n m {bksp}",
    "{number} {sign} {zh} @ {space} . _ {left} {right} {enter}",
  ],
  enCapital: [
    "1 2 3 4 5 6 7 8 9 0",
    "Q W E R T Y U I O P",
    "A S D F G H J K L -",
    "{capital} Z X C V B N M {bksp}",
    "{number} {sign} {zh} @ {space} . _ {left} {right} {enter}",
  ],
  number: [
    "1 2 3 / {bksp}",
    "4 5 6 - {left}",
    "7 8 9 . {right}",
    "{zh} {en} 0 X {enter}",
  ],
  sign: [
    "， 。 ？ ！ 、 ； ： · … —",
    "“ ” ‘ ’ （ ） 《 》 〔 〕",
    "@ # % & * + - = / _",
    "￥ $ ~ . , : ? ! {bksp}",
    "{number} {zh} {en} {space} {left} {right} {enter}",
  ],
};

/** Drawn, not written: of a lone arrow sign no checker can judge the contrast, and fonts draw it in sizes of their own. */
function arrow(points: string): string {
  return `<svg class="arrow" viewBox="0 0 24 24" aria-hidden="true"><path d="${points}"/></svg>`;
}

export const DISPLAY: Record<string, string> = {
  "{part}": "分词",
  "{capital}": "大写",
  "{bksp}": "删除",
  "{number}": "123",
  "{sign}": "符号",
  "{en}": "英文",
  "{zh}": "中文",
  "{space}": "空格",
  "{left}": arrow("M20 12H5M11 5l-7 7 7 7"),
  "{right}": arrow("M4 12h15M13 5l7 7-7 7"),
  "{enter}": "确定",
};

/** Names for keys whose sign says too little when it is read aloud. */
export const NAMES: Record<string, string> = {
  "{part}": "分词，分开两个拼音",
  "{number}": "123，数字键盘",
  "{sign}": "符号键盘",
  "{en}": "英文键盘",
  "{zh}": "中文键盘",
  "{left}": "光标左移",
  "{right}": "光标右移",
};

export const WORDS = {
  keyboard: "屏幕键盘",
  candidates: "候选字词",
  before: "上一页",
  after: "下一页",
  more: "更多",
  fewer: "收起",
  loading: "正在准备中文词库，请稍等…",
  failed: "中文词库没有加载好，正在重试。可以先用英文和数字。",
  none: "没有这个拼音，请检查一下，或者点“删除”",
};
