-- AcmeCorp, the company of the demo.
INSERT INTO "laptop_models" ("name", "position", "configuration", "supplier", "stock", "due_for_replacement", "unit_cost") VALUES
	('MacBook Pro', 1, 'M2 Pro/16GB/512GB', 'Apple', 45, 12, 2500),
	('MacBook Air', 2, 'M2/8GB/256GB', 'Apple', 80, 8, 1500);
--> statement-breakpoint
INSERT INTO "departments" ("name", "position", "headcount", "growth_percent", "six_month_hires", "refresh_cycle_months", "hardware_budget", "utilization_percent", "replacement_percent") VALUES
	('engineering', 1, 100, 25, 25, 36, 50000, 85, 15),
	('sales', 2, 120, 15, 15, 42, 60000, 90, 17),
	('marketing', 3, 140, 10, 10, 48, 70000, 95, 19),
	('operations', 4, 160, 8, 8, 54, 80000, 100, 21);
--> statement-breakpoint
INSERT INTO "laptop_mix" ("department", "model", "share_percent") VALUES
	('engineering', 'MacBook Pro', 80),
	('engineering', 'MacBook Air', 20),
	('sales', 'MacBook Pro', 30),
	('sales', 'MacBook Air', 70),
	('marketing', 'MacBook Pro', 50),
	('marketing', 'MacBook Air', 50),
	('operations', 'MacBook Pro', 40),
	('operations', 'MacBook Air', 60);
--> statement-breakpoint
INSERT INTO "market_conditions" ("condition", "position", "active", "description") VALUES
	('new_model_releases', 1, true, 'Vendors release new laptop models within the next quarter.'),
	('price_increases', 2, true, 'Vendors have announced price increases.'),
	('supply_issues', 3, false, 'Vendors report supply problems.'),
	('shortages', 4, false, 'Vendors report component shortages.');
--> statement-breakpoint
INSERT INTO "purchasing_policy" ("id", "buffer_months", "approval_threshold", "max_order_value") VALUES (1, 3, 50000, 100000);
