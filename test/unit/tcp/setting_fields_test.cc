#include <set>

#include <gtest/gtest.h>

#include <weir/tcp/setting_fields.h>

namespace weir::tcp {
namespace {

TEST(SettingFields, EachHasItsOwnKeyAndADefaultWithinItsRange) {
  std::set<std::string_view> keys;
  const Settings defaults;
  for (const SettingField& field : setting_fields()) {
    EXPECT_TRUE(keys.insert(field.key).second) << field.key;
    EXPECT_GE(field.get(defaults), field.least) << field.key;
    EXPECT_LE(field.get(defaults), field.most) << field.key;
  }
}

// A row that names the wrong member would show as a second field that moves.
TEST(SettingFields, EachMovesItselfAndNoOther) {
  for (const SettingField& field : setting_fields()) {
    Settings settings;
    const std::int64_t other = field.get(settings) == field.least ? field.most : field.least;
    field.set(settings, other);
    for (const SettingField& looked_at : setting_fields())
      EXPECT_EQ(looked_at.get(settings), &looked_at == &field ? other : looked_at.get(Settings{})) << looked_at.key;
  }
}

TEST(SettingFields, TextIsReadAndWritten) {
  for (const SettingField& field : setting_fields()) {
    Settings settings;
    field.set(settings, field.most);
    const std::string text = to_text(field, settings);
    Settings again;
    EXPECT_TRUE(set_from_text(field, again, text)) << field.key << " = " << text;
    EXPECT_EQ(field.get(again), field.most) << field.key;
  }
}

TEST(SettingFields, FoolishTextChangesNothing) {
  const SettingField& field = *find_setting("delayed_ack_ms");
  for (const char* text : {"", "500", "-1", "40ms", "true", "4 0"}) {
    Settings settings;
    EXPECT_FALSE(set_from_text(field, settings, text)) << text;
    EXPECT_EQ(settings.delayed_ack, Settings{}.delayed_ack);
  }
  Settings settings;
  EXPECT_FALSE(set_from_text(*find_setting("nagle"), settings, "1"));
}

TEST(SettingFields, UnknownKeyIsNone) {
  EXPECT_EQ(find_setting("rto"), nullptr);
}

}  // namespace
}  // namespace weir::tcp
