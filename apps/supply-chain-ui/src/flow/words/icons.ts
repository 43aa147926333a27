import {
  ArrowLeftRight,
  Ban,
  Check,
  CircleCheck,
  Fingerprint,
  type LucideIcon,
  Minus,
  ShieldQuestionMark,
} from 'lucide-react';
import type { ExchangeMeaning } from '../model/flow.ts';

/** The signs of packages/ui, and one for what has no colour of its own. */
export const meaningIcons: Readonly<Record<ExchangeMeaning, LucideIcon>> = {
  identity: Fingerprint,
  challenge: ShieldQuestionMark,
  exchange: ArrowLeftRight,
  consent: Check,
  success: CircleCheck,
  refusal: Ban,
  other: Minus,
};
