ALTER TABLE "sign_in_failures" RENAME TO "failure_counts";--> statement-breakpoint
ALTER TABLE "failure_counts" RENAME COLUMN "address" TO "key";