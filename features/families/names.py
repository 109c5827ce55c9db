"""The families, in the order people read them."""

from features.feature import Family

DPD = Family("DPD", {"en": "Arrears", "zh": "逾期情况"})
TIME = Family("TIME", {"en": "Payment timing", "zh": "还款时间"})
AMT = Family("AMT", {"en": "Payment amounts", "zh": "还款金额"})
EXPO = Family("EXPO", {"en": "The loan and its exposure", "zh": "贷款与敞口"})
DQ = Family("DQ", {"en": "Data coverage", "zh": "数据覆盖"})
