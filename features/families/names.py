"""The families, in the order people read them."""

from features.feature import Family

DPD = Family("DPD", {"en": "Arrears", "zh": "逾期情况"})
TIME = Family("TIME", {"en": "Payment timing", "zh": "还款时间"})
AMT = Family("AMT", {"en": "Payment amounts", "zh": "还款金额"})
EXPO = Family("EXPO", {"en": "The loan and its exposure", "zh": "贷款与敞口"})
CASH = Family("CASH", {"en": "Income and accounts", "zh": "收入与账户"})
AFF = Family("AFF", {"en": "Affordability", "zh": "还款能力"})
WILL = Family("WILL", {"en": "Willingness to pay", "zh": "还款意愿"})
EXT = Family("EXT", {"en": "Debts elsewhere", "zh": "外部负债"})
FUND = Family("FUND", {"en": "Use of the money lent", "zh": "贷款资金用途"})
PUB = Family("PUB", {"en": "Public records", "zh": "公开信息"})
COLL = Family("COLL", {"en": "Collateral and guarantors", "zh": "抵押与担保"})
FIN = Family("FIN", {"en": "Accounts of the firm", "zh": "企业财务"})
BALL = Family("BALL", {"en": "Final instalment", "zh": "到期一次还本"})
REL = Family("REL", {"en": "Against similar loans", "zh": "同类贷款比较"})
DQ = Family("DQ", {"en": "Data coverage", "zh": "数据覆盖"})
