-- question: What does this product cost now, in every place and currency?
-- asks: billing.services.prices.price_for, with the places that reach a buyer; the page of a product
-- role: vbl_viewer
-- twin: Price.objects.filter(product_id=product).in_force().order_by("pk")
-- index: billing_price_valid_excl
-- rows: 20
-- partitions: 0
\set product '018bcfe6-0c10-7000-8011-00000000002a'
SELECT id, country, region_id, currency, amount, tax_behaviour
FROM billing_price
WHERE product_id = :'product' AND valid @> statement_timestamp()
ORDER BY id;
