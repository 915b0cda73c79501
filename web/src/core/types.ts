// What travels over the line; the same shapes as aid/replies.py, as channels/wire.py sends them.

export interface Choice { id: string; label: string }
export interface Basis { law: string; version: string; article: string | null; says: string }

export interface AnswerCard {
  kind: "answer"; entry: string; label: string; short: string;
  points: string[]; steps: string[]; basis: Basis[]; checked: string; unfolded: boolean;
}
export interface CandidatesCard { kind: "candidates"; entries: string[]; labels: string[] }
export interface NoneCard { kind: "none"; reason: string }
export interface QuestionCard {
  kind: "question"; case_kind: string; field: string; ask: string; why: string; skip: string; step: number; steps: number;
  input: "text" | "tel" | "email" | "date"; earliest?: string | null; latest?: string | null;
}
export interface EvidenceLine { name: string; type: string; size: number; sign: string; received: string }
export interface SummaryCard {
  kind: "summary"; case_kind: string; lines: { field: string; label: string; value: string }[]; receiver: string; reasons: string[]; notes: string[];
  evidence?: EvidenceLine[];
}
export interface ReceiptCard {
  kind: "receipt"; number: string; lookup_code: string; receiver: string; reasons: string[];
  expected: string; expected_is_estimate: boolean; phones: string[]; materials: string[]; evidence?: EvidenceLine[];
}
export interface StatusCard {
  kind: "status"; number: string; state: string; state_label: string; receiver: string;
  received: string; expected: string; events: string[]; deadlines: string[];
}
export type Card = AnswerCard | CandidatesCard | NoneCard | QuestionCard | SummaryCard | ReceiptCard | StatusCard;

/** Who says it where it is not the assistant: staff, or the house itself (who has the talk now). `name`: the center, and a work number. */
export interface Author { kind: "staff" | "system"; name: string }

/** One message of the assistant, or of `author`; `number` counts up within the conversation. */
export interface Reply {
  number: number; inbound_id: string; created_at: string; text: string; speak: string; choices: Choice[]; card: Card | null; author?: Author | null;
}

/** Who speaks. `place`: 1 is next; `waited`: seconds since the wait or the talk with staff began; `name`: the center of the staff. */
export interface Service { state: "bot" | "waiting" | "staff"; place: number | null; waited: number | null; name: string | null }
/** One message of the person, as the server keeps it; `file`: the id of the file that it is. */
export interface Said { inbound_id: string; client_id: string; created_at: string; text: string; choice_id: string | null; file?: string | null }

export interface History { said: Said[]; replies: Reply[]; pending: boolean; service?: Service }
export interface Session { conversation: string; token: string }

/** A question that many ask: what stands on its button, and what is said when it is pressed. */
export interface Asked { label: string; say: string }

/** What waits to be sent. `label` is what the person sees; a choice sends its id instead. */
export interface Draft { clientId: string; label: string; text?: string; choice?: string }

export type StreamEvent =
  | { type: "reply"; reply: Reply }
  | { type: "said"; said: Said }
  | { type: "typing"; pending: boolean }
  | { type: "service"; service: Service };
/** A take-over whose answer has not come yet: the code, this device's own secret, and the talk that it had when it began (empty: none). */
export interface TakeOver { code: string; device: string; over: string }
