CREATE TABLE "departments" (
	"name" text PRIMARY KEY NOT NULL,
	"position" integer NOT NULL,
	"headcount" integer NOT NULL,
	"growth_percent" integer NOT NULL,
	"six_month_hires" integer NOT NULL,
	"refresh_cycle_months" integer NOT NULL,
	"hardware_budget" integer NOT NULL,
	"utilization_percent" integer NOT NULL,
	"replacement_percent" integer NOT NULL,
	CONSTRAINT "departments_position_unique" UNIQUE("position")
);
--> statement-breakpoint
CREATE TABLE "laptop_mix" (
	"department" text NOT NULL,
	"model" text NOT NULL,
	"share_percent" integer NOT NULL,
	CONSTRAINT "laptop_mix_department_model_pk" PRIMARY KEY("department","model")
);
--> statement-breakpoint
CREATE TABLE "laptop_models" (
	"name" text PRIMARY KEY NOT NULL,
	"position" integer NOT NULL,
	"configuration" text NOT NULL,
	"supplier" text NOT NULL,
	"stock" integer NOT NULL,
	"due_for_replacement" integer NOT NULL,
	"unit_cost" integer NOT NULL,
	CONSTRAINT "laptop_models_position_unique" UNIQUE("position")
);
--> statement-breakpoint
CREATE TABLE "market_conditions" (
	"condition" text PRIMARY KEY NOT NULL,
	"position" integer NOT NULL,
	"active" boolean NOT NULL,
	"description" text NOT NULL,
	CONSTRAINT "market_conditions_position_unique" UNIQUE("position")
);
--> statement-breakpoint
CREATE TABLE "purchase_orders" (
	"number" bigserial PRIMARY KEY NOT NULL,
	"owner" text NOT NULL,
	"idempotency_key" text NOT NULL,
	"model" text NOT NULL,
	"quantity" integer NOT NULL,
	"unit_cost" integer NOT NULL,
	"total" integer NOT NULL,
	"supplier" text NOT NULL,
	"status" text NOT NULL,
	"needed_by" date,
	"note" text,
	"placed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "purchase_orders_idempotency" UNIQUE("owner","idempotency_key"),
	CONSTRAINT "purchase_orders_quantity" CHECK ("purchase_orders"."quantity" > 0)
);
--> statement-breakpoint
CREATE TABLE "purchasing_policy" (
	"id" integer PRIMARY KEY NOT NULL,
	"buffer_months" integer NOT NULL,
	"approval_threshold" integer NOT NULL,
	"max_order_value" integer NOT NULL,
	CONSTRAINT "purchasing_policy_one_row" CHECK ("purchasing_policy"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"owner" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "stream_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"session_id" text NOT NULL,
	"stream_id" text NOT NULL,
	"message" jsonb,
	"is_last" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "subscriptions" (
	"session_id" text NOT NULL,
	"uri" text NOT NULL,
	CONSTRAINT "subscriptions_session_id_uri_pk" PRIMARY KEY("session_id","uri")
);
--> statement-breakpoint
ALTER TABLE "laptop_mix" ADD CONSTRAINT "laptop_mix_department_departments_name_fk" FOREIGN KEY ("department") REFERENCES "public"."departments"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "laptop_mix" ADD CONSTRAINT "laptop_mix_model_laptop_models_name_fk" FOREIGN KEY ("model") REFERENCES "public"."laptop_models"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purchase_orders" ADD CONSTRAINT "purchase_orders_model_laptop_models_name_fk" FOREIGN KEY ("model") REFERENCES "public"."laptop_models"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stream_events" ADD CONSTRAINT "stream_events_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "purchase_orders_owner" ON "purchase_orders" USING btree ("owner","number");--> statement-breakpoint
CREATE INDEX "sessions_last_seen" ON "sessions" USING btree ("last_seen_at");--> statement-breakpoint
CREATE INDEX "stream_events_stream" ON "stream_events" USING btree ("session_id","stream_id","id");--> statement-breakpoint
CREATE INDEX "stream_events_created" ON "stream_events" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "subscriptions_uri" ON "subscriptions" USING btree ("uri");